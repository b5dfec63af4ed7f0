//! The calls of all workspaces together.

use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::create;
use crate::dashboard::logs::endpoints;

#[tokio::test]
async fn owners_see_the_calls_of_all_workspaces_and_of_no_other_account() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    house.log(
        key.id,
        &[
            (60, "GET /default", 200, "203.0.113.9"),
            (20, "GET /newest", 200, "203.0.113.9"),
        ],
    );
    let staging = house.app.workspace(house.acme.account, "staging");
    let place = (house.acme.account, staging);
    house.log_in(place, key.id, &[(40, "GET /staging", 200, "203.0.113.9")]);
    let globex = house.app.account("globex");
    let theirs = (globex.account, globex.workspace);
    house.log_in(theirs, key.id, &[(30, "GET /theirs", 200, "203.0.113.9")]);

    let page = house.owner.get("/account/logs").await;
    assert_eq!(endpoints(&page), "GET /newest GET /staging GET /default");
    assert_eq!(
        page.texts("td[data-column=workspace]"),
        ["Default", "staging", "Default"]
    );
    let page = house.owner.get("/account/logs?workspace=staging").await;
    assert_eq!(endpoints(&page), "GET /staging");
    assert_eq!(
        page.one(".active-filters .chip"),
        "Workspace: stagingRemove"
    );
    assert_eq!(page.one("#workspace option[selected]"), "staging");
    let request = page.attribute("td[data-column=request] a", "href");
    assert!(request.starts_with("/w/staging/developers/logs/req_"));
    let file = house.owner.get("/account/logs.csv?range=1h").await;
    assert_eq!(file.text.lines().count(), 4);
    let told =
        "select count(*) from audit_log where action = 'logs.exported' and target_kind = 'account'";
    assert_eq!(house.number(told), 1);

    house.execute("update workspaces set archived_at = now() where slug = 'staging'");
    let page = house.owner.get("/account/logs?workspace=staging").await;
    assert_eq!(endpoints(&page), "GET /staging");
    assert!(
        !page.has("td[data-column=request] a"),
        "there is no page to open"
    );

    let admin = house.member("wa@acme.example", WorkspaceRole::Admin).await;
    assert_eq!(admin.get("/account/logs").await.status, 403);
    assert!(
        !admin
            .get("/w/default/")
            .await
            .has("a[href='/account/logs']")
    );
}
