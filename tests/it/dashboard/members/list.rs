//! `/account/members` and `/w/{w}/members`.

use std::time::Duration;

use latchkey::domain::role::WorkspaceRole;

use super::ACCOUNT;
use super::House;
use crate::support::html::Page;
use crate::support::queries;

const HERE: &str = "/w/default/members";

fn row(page: &Page, name: &str) -> String {
    let rows = page.texts("#members tbody tr");
    let found = rows.iter().find(|row| row.contains(name));
    found
        .unwrap_or_else(|| panic!("no {name} in {rows:?}"))
        .clone()
}

#[tokio::test]
async fn who_is_alone_is_told_so() {
    let house = House::new().await;
    let page = house.owner.get(ACCOUNT).await;
    assert_eq!(page.one("#alone h2"), "Only you so far");
    assert!(!page.has("form[role=search][action='/account/members']"));
    assert!(page.has("nav a[aria-current=page][href='/account/members']"));
    assert_eq!(
        house.owner.get(HERE).await.one("#alone h2"),
        "Only you so far"
    );
}

#[tokio::test]
async fn owners_see_everybody_with_roles_keys_and_when_they_were_last_active() {
    let house = House::new().await;
    let (grace, dev) = house
        .person("grace@acme.example", WorkspaceRole::Developer)
        .await;
    let staging = house.app.workspace(house.made.account, "staging");
    house.app.db.execute(&format!(
        "insert into workspace_memberships (account_id, workspace_id, user_id, role, created_at)
         values ({}, {}, '{grace}', 'viewer', now())",
        house.made.account.0, staging.0
    ));
    house.member("never@acme.example", WorkspaceRole::Viewer);
    house.keys(("grace", 3), grace, "full");
    house.app.clock.advance(Duration::from_mins(3));
    // A second look of hers, three minutes later; then she goes, and it is still known.
    dev.get("/w/default/").await;
    let csrf = dev
        .get("/w/default/")
        .await
        .attribute("input[name=csrf]", "value");
    dev.post("/sign-out", &[("csrf", &csrf)]).await;
    house.app.clock.advance(Duration::from_mins(5));
    let page = house.owner.get(ACCOUNT).await;
    let names = page.texts("#members .cell-name");
    assert_eq!(names, ["Ada Byron", "grace", "never"]);
    assert!(row(&page, "Ada Byron").contains("You"));
    assert!(
        row(&page, "Ada Byron").contains("Owner All, as admin"),
        "{names:?}"
    );
    let hers = row(&page, "grace");
    assert!(
        hers.contains("Member Default (developer) and staging (viewer) 3"),
        "{hers}"
    );
    assert!(hers.contains("5 minutes ago"), "{hers}");
    assert!(row(&page, "never").ends_with("Not yet"));
    assert_eq!(page.one(".pager > span:first-child"), "3 people");

    let default = house.owner.get(HERE).await;
    let link = default.attribute("#members td[data-column=keys] a", "href");
    assert_eq!(
        link,
        format!("/w/default/developers/keys?view=all&by={grace}")
    );
    assert_eq!(
        house.owner.get(&link).await.texts("tbody .cell-name").len(),
        3
    );
}

#[tokio::test]
async fn other_members_see_names_and_roles_of_their_workspace_and_no_more() {
    let house = House::new().await;
    let (_, viewer) = house
        .person("grace@acme.example", WorkspaceRole::Viewer)
        .await;
    let page = viewer.get(HERE).await;
    assert_eq!(page.texts("#members .cell-name"), ["Ada Byron", "grace"]);
    assert_eq!(page.texts("#members thead th"), ["Name", "Role here"]);
    assert!(!page.one("main").contains("owner@acme.example"));
    // Nor can addresses be found out letter by letter.
    let page = viewer.get(&format!("{HERE}?q=owner%40acme")).await;
    assert_eq!(page.one(".empty h2"), "Nobody matches");
    assert_eq!(
        viewer
            .get(&format!("{HERE}?q=byr"))
            .await
            .texts("#members tbody tr")
            .len(),
        1
    );
    let refused = viewer.get(ACCOUNT).await;
    assert_eq!(refused.status, 403);
    assert!(
        refused
            .one("main")
            .contains("Ada Byron (owner@acme.example)")
    );
    assert!(!refused.has("nav a[href='/account/members']"));
    assert_eq!(viewer.get("/w/staging/members").await.status, 404);
}

#[tokio::test]
async fn who_cannot_open_a_workspace_is_not_in_its_list() {
    let house = House::new().await;
    house.app.workspace(house.made.account, "staging");
    house.member("grace@acme.example", WorkspaceRole::Admin);
    let page = house.owner.get("/w/staging/members").await;
    assert_eq!(page.texts("#members .cell-name"), ["Ada Byron"]);
}

#[tokio::test]
async fn thousands_are_searched_and_leafed_through_with_as_many_queries_as_one() {
    queries::watch();
    let house = House::new().await;
    let account = house.made.account.0;
    queries::take(&house.app.db.url());
    house.owner.get(ACCOUNT).await;
    let few = queries::take(&house.app.db.url());
    house.app.db.execute(&format!(
        "insert into users (id, email, email_folded, name, created_at)
         select gen_random_uuid(), 'p' || n || '@acme.example', 'p' || n || '@acme.example',
             'Person ' || lpad(n::text, 5, '0'), now() from generate_series(1, 3000) n;
         insert into memberships (account_id, user_id, role, created_at)
         select {account}, id, 'member', now() from users where email like 'p%@acme.example'"
    ));
    queries::take(&house.app.db.url());
    house.owner.get(ACCOUNT).await;
    let many = queries::take(&house.app.db.url());
    assert_eq!(
        many.len(),
        few.len(),
        "{many:#?}
{few:#?}"
    );
    let mut seen = Vec::new();
    let mut next = format!("{ACCOUNT}?q=PERSON+00");
    loop {
        let page = house.owner.get(&next).await;
        assert_eq!(page.one(".pager > span:first-child"), "999 people");
        seen.extend(page.texts("#members .cell-name"));
        if !page.has("a[rel=next]") {
            break;
        }
        next = page.attribute("a[rel=next]", "href");
    }
    assert_eq!(seen.len(), 999);
    assert!(seen.is_sorted());
    let one = house.owner.get(&format!("{ACCOUNT}?q=p2999%40")).await;
    assert_eq!(one.texts("#members .cell-name"), ["Person 02999"]);
    assert_eq!(
        house
            .owner
            .get(&format!("{ACCOUNT}?q=%25_"))
            .await
            .one(".empty h2"),
        "Nobody matches"
    );
    // A place that cannot be read is the first page.
    let page = house.owner.get(&format!("{ACCOUNT}?after=x")).await;
    assert_eq!(page.texts("#members tbody tr").len(), 50);
}

#[tokio::test]
async fn an_account_tells_nothing_of_what_its_people_do_in_another() {
    let house = House::new().await;
    let (grace, _) = house
        .person("grace@acme.example", WorkspaceRole::Developer)
        .await;
    house.keys(("mine", 2), grace, "full");
    let other = house.app.account("other");
    house.app.db.execute(&format!(
        "insert into memberships (account_id, user_id, role, created_at)
         values ({}, '{grace}', 'member', now())",
        other.account.0
    ));
    let stranger = house.app.visitor();
    stranger.sign_in("other", "owner@other.example").await;
    let page = stranger.get(ACCOUNT).await;
    assert_eq!(page.texts("#members .cell-name"), ["Ada Byron", "grace"]);
    let hers = row(&page, "grace");
    assert!(hers.ends_with("Member None 0 Not yet"), "{hers}");
    assert_eq!(page.one(".pager > span:first-child"), "2 people");
}
