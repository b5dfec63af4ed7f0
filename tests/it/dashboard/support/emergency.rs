//! Disabling a key in an emergency: a lead's right, with a reason of its own, told to the owners.

use latchkey::domain::role::StaffRole;

use crate::dashboard::support::Desk;

#[tokio::test]
async fn a_lead_disables_a_key_with_a_second_reason_and_the_owner_is_told() {
    let desk = Desk::with(StaffRole::SupportLead).await;
    desk.open().await;
    let page = desk.support.get(&desk.key_url()).await;
    let path = page.attribute(".page-actions a", "href");
    let page = desk.support.get(&path).await;
    assert!(page.one("main").contains("The owners of acme Ltd are told"));
    let empty = desk.support.fill_in(&page, &[("because", " ")]).await;
    assert_eq!(empty.status, 422);
    assert_eq!(
        empty.one("#because-error"),
        "Error: Say what the emergency is."
    );
    let fields = [("because", "The key is in a public repository")];
    let done = desk.support.fill_in(&page, &fields).await;
    assert_eq!(done.location(), desk.key_url());
    let page = desk.support.get(&desk.key_url()).await;
    assert!(
        page.one(".flash").contains("Blog ingest is disabled"),
        "{}",
        page.text
    );
    let noted = "select count(*) from audit_log where action = 'key.disabled'
        and actor_kind = 'support' and workspace_id is not null
        and reason like 'Ticket 4521: Calls are refused. In an emergency: The key is in a public%'";
    assert_eq!(desk.house.number(noted), 1);
    let told = desk
        .house
        .owner
        .get("/w/default/")
        .await
        .one("[data-support]");
    assert!(told.contains("disabled the key Blog ingest"), "{told}");
    let access = desk.house.owner.get("/account/support").await.text;
    assert!(access.contains("Disabled the key Blog ingest"));
    // Its people bring it back.
    let page = desk.house.owner.get(&desk.key.url()).await;
    let csrf = page.attribute("input[name=csrf]", "value");
    let enable = format!("{}/enable", desk.key.url());
    desk.house.owner.post(&enable, &[("csrf", &csrf)]).await;
    assert_eq!(
        desk.house
            .number("select count(*) from api_keys where disabled_at is null"),
        1
    );
}

#[tokio::test]
async fn support_that_is_no_lead_cannot() {
    let desk = Desk::new().await;
    desk.open().await;
    let path = format!("{}/emergency-disable", desk.key_url());
    assert_eq!(desk.support.get(&path).await.status, 404);
    let page = desk.support.get(&desk.url()).await;
    let csrf = page.attribute("input[name=csrf]", "value");
    let fields = [("csrf", csrf.as_str()), ("because", "x")];
    assert_eq!(desk.support.post(&path, &fields).await.status, 403);
    let disabled = "select count(*) from api_keys where disabled_at is not null";
    assert_eq!(desk.house.number(disabled), 0);
}

#[tokio::test]
async fn a_lead_without_an_open_look_is_asked_why_first() {
    let desk = Desk::with(StaffRole::SupportLead).await;
    let path = format!("{}/emergency-disable", desk.key_url());
    let page = desk.support.get("/support").await;
    let csrf = page.attribute("form[action='/sign-out'] input[name=csrf]", "value");
    let fields = [("csrf", csrf.as_str()), ("because", "x")];
    let answer = desk.support.post(&path, &fields).await;
    assert!(
        answer.location().contains("/open?next="),
        "{}",
        answer.location()
    );
    let disabled = "select count(*) from api_keys where disabled_at is not null";
    assert_eq!(desk.house.number(disabled), 0);
}
