//! Making, renaming and archiving workspaces; the Developers switch; the switcher.

use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::create;
use crate::support::callers::Caller;
use crate::support::html::Page;

const ALL: &str = "/account/workspaces";
const FEATURES: &str = "/w/default/settings/features";

async fn send(caller: &Caller, path: &str, fields: &[(&str, &str)]) -> Page {
    let csrf = caller.get(ALL).await;
    let csrf = csrf.attribute("input[name=csrf]", "value");
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend(fields);
    caller.post(path, &all).await
}

async fn made(caller: &Caller, name: &str) -> String {
    let page = send(caller, &format!("{ALL}/new"), &[("name", name)]).await;
    assert_eq!(page.status, 303, "{}", page.text);
    page.location().to_owned()
}

#[tokio::test]
async fn a_workspace_has_a_name_and_a_slug_of_its_own() {
    let house = House::new().await;
    assert_eq!(made(&house.owner, "Staging #1").await, "/w/staging-1/");
    assert_eq!(made(&house.owner, "Staging-1").await, "/w/staging-1-2/");
    let taken = send(
        &house.owner,
        &format!("{ALL}/new"),
        &[("name", "STAGING #1")],
    )
    .await;
    assert_eq!(taken.status, 422);
    assert!(taken.one("#name-error").contains("Another workspace"));
    assert_eq!(taken.attribute("#name", "value"), "STAGING #1");
    let list = house.owner.get(ALL).await;
    let names = list.texts("th[data-column=name] a");
    assert_eq!(names, ["Default", "Staging #1", "Staging-1"]);
}

#[tokio::test]
async fn a_name_that_is_none_is_told_at_its_field() {
    let house = House::new().await;
    for bad in ["", "   ", &"a".repeat(201)] {
        let page = send(&house.owner, &format!("{ALL}/new"), &[("name", bad)]).await;
        assert_eq!(page.status, 422, "{bad}");
        assert!(page.has("#name-error"), "{bad}");
    }
}

#[tokio::test]
async fn renaming_keeps_every_address() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let page = send(
        &house.owner,
        &format!("{ALL}/default"),
        &[("name", "Production")],
    )
    .await;
    assert_eq!(page.status, 303);
    let page = house.owner.get(&key.url()).await;
    assert_eq!(page.status, 200);
    assert!(
        page.one(".drop-links a[aria-current=true]")
            .contains("Production")
    );
    assert_eq!(
        house.number("select count(*) from audit_log where action = 'workspace.updated'"),
        1
    );
}

#[tokio::test]
async fn archiving_disables_its_keys_and_hides_it_and_it_can_come_back() {
    let house = House::new().await;
    made(&house.owner, "Staging").await;
    house.fill(1_000);
    let before = "select count(*) from api_keys where disabled_at is not null";
    assert_eq!(house.number(before), 0);
    let ask = house.owner.get(&format!("{ALL}/default/archive")).await;
    assert!(ask.one(".confirm-facts").contains("1,000 keys work"));
    let page = send(&house.owner, &format!("{ALL}/default/archive"), &[]).await;
    assert_eq!(page.status, 303);
    let told = house.owner.get(ALL).await.one(".flash");
    assert!(told.contains("1,000 keys are disabled"), "{told}");
    assert_eq!(house.number(before), 1_000);
    let audited = "select count(*) from audit_log where action = 'key.disabled'
        and reason = 'workspace archived'";
    assert_eq!(house.number(audited), 1_000);
    assert_eq!(house.owner.get("/w/default/").await.status, 404);
    let page = send(&house.owner, &format!("{ALL}/default/restore"), &[]).await;
    assert_eq!(page.status, 303);
    assert_eq!(house.owner.get("/w/default/").await.status, 200);
    assert_eq!(house.number(before), 1_000);
}

#[tokio::test]
async fn the_only_workspace_stays() {
    let house = House::new().await;
    let ask = house.owner.get(&format!("{ALL}/default/archive")).await;
    assert!(ask.one(".confirm").contains("only workspace"));
    let page = send(&house.owner, &format!("{ALL}/default/archive"), &[]).await;
    assert_eq!(page.status, 409);
    assert_eq!(house.owner.get("/w/default/").await.status, 200);
}

#[tokio::test]
async fn switching_developers_off_hides_its_pages_and_keeps_its_keys() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let page = send(&house.owner, FEATURES, &[("developers", "off")]).await;
    assert_eq!(page.status, 303);
    let page = house.owner.get(FEATURES).await;
    assert!(page.one("#switched").contains("owner@acme.example"));
    assert!(!page.has("nav a[href='/w/default/developers/keys']"));
    let developer = house
        .member("dev@acme.example", WorkspaceRole::Developer)
        .await;
    let told = developer.get(&key.url()).await;
    assert_eq!(told.status, 403);
    let told = told.one("main");
    assert!(told.contains("Its keys keep working"), "{told}");
    assert!(told.contains("Ada Byron (owner@acme.example)"), "{told}");
    let told = house.owner.get(&key.url()).await.one("main");
    assert!(told.contains("You can switch it on"), "{told}");
    let active = "select count(*) from api_keys where disabled_at is null";
    assert_eq!(house.number(active), 1);
    send(&house.owner, FEATURES, &[("developers", "on")]).await;
    assert_eq!(developer.get(&key.url()).await.status, 200);
}

#[tokio::test]
async fn switching_workspace_keeps_the_section_unless_it_is_not_there() {
    let house = House::new().await;
    made(&house.owner, "Staging").await;
    made(&house.owner, "Quiet").await;
    house.execute("update workspaces set developers = false where slug = 'quiet'");
    let list = house.owner.get("/w/default/developers/keys").await;
    assert!(list.has(".drop-links a[href='/w/staging/developers/keys']"));
    assert!(list.has(".drop-links a[href='/w/quiet/?developers=off']"));
    let overview = house.owner.get("/w/quiet/?developers=off").await;
    assert!(
        overview
            .one("#developers-off")
            .contains("Developers is off for Quiet")
    );
    assert!(
        !house
            .owner
            .get("/w/default/?developers=off")
            .await
            .has("#developers-off")
    );
}

#[tokio::test]
async fn many_workspaces_are_found_by_name() {
    let house = House::new().await;
    for number in 1..=12 {
        house
            .app
            .workspace(house.acme.account, &format!("team-{number:02}"));
    }
    let page = house.owner.get("/w/team-12/").await;
    assert!(page.has(".drop-links a[href='/workspaces']"));
    assert_eq!(page.texts(".drop-links a[href^='/w/']").len(), 10);
    assert!(page.has(".drop-find input[name=q]"));
    assert!(page.has(".drop-links a[aria-current=true]"));
    let found = house.owner.get("/workspaces?q=TEAM-07").await;
    assert_eq!(found.texts("th[data-column=name]"), ["team-07"]);
}
