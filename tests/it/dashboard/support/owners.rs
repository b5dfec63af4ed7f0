//! Owners see every look, and may be asked first.

use crate::dashboard::support::Desk;
use crate::support::app::TestApp;
use crate::support::rows::last_noted;
use crate::support::rows::noted_after;
use crate::support::smtp::SmtpSink;

const ACCESS: &str = "/account/support";

#[tokio::test]
async fn an_owner_sees_who_looked_why_and_at_what() {
    let desk = Desk::new().await;
    let page = desk.house.owner.get(ACCESS).await;
    assert_eq!(page.one(".empty h3"), "Nobody of support has looked");
    desk.open().await;
    desk.support.get(&desk.key_url()).await;
    desk.support.get(&desk.request_url()).await;
    desk.press("addresses").await;
    let page = desk.house.owner.get(ACCESS).await;
    assert!(
        page.one("th[data-column=who]")
            .contains("support@keys.example")
    );
    assert_eq!(page.one("td[data-column=reason]"), "Calls are refused");
    assert_eq!(page.one("td[data-column=ticket]"), "4521");
    assert_eq!(page.one("td[data-column=state] .badge"), "Open");
    let look = page.attribute("tbody td a", "href");
    let page = desk.house.owner.get(&look).await;
    let looked = page.texts("#looked li span").join("; ");
    for words in [
        "Began to look into the account acme Ltd",
        "Looked at the key Blog ingest",
        &format!("Looked at the request {}", desk.request),
        "Had the addresses of callers shown of acme Ltd",
    ] {
        assert!(looked.contains(words), "{words} in {looked}");
    }
    // Nobody else of the account does.
    let email = "viewer@acme.example";
    let role = latchkey::domain::role::WorkspaceRole::Admin;
    let member = desk.house.member(email, role).await;
    assert_eq!(member.get(ACCESS).await.status, 403);
    assert_eq!(member.get(&look).await.status, 403);
}

#[tokio::test]
async fn where_owners_want_to_be_asked_it_opens_when_one_says_so() {
    let desk = Desk::new().await;
    let owner = &desk.house.owner;
    let page = owner.get(ACCESS).await;
    let csrf = page.attribute("main form input[name=csrf]", "value");
    let fields = [("csrf", csrf.as_str()), ("asks", "first")];
    let set = owner.post("/account/support/settings", &fields).await;
    assert_eq!(set.location(), ACCESS);
    let changed = "select count(*) from audit_log where action = 'support-access.changed'";
    assert_eq!(desk.house.number(changed), 1);

    let asked = desk.open().await;
    assert!(
        asked.location().contains("/open?next="),
        "{}",
        asked.location()
    );
    assert_eq!(desk.noted("support.requested"), 1);
    assert_eq!(desk.noted("support.opened"), 0);
    let page = desk.support.get(asked.location()).await;
    assert!(page.one("h1").starts_with("Waiting for an owner"));
    assert_eq!(desk.support.get(&desk.key_url()).await.status, 303);

    let told = owner.get("/w/default/").await.one("[data-support]");
    assert!(told.contains("asks to look into the account"), "{told}");
    let page = owner.get(ACCESS).await;
    let approve = page.attribute("[data-waiting] form", "action");
    assert!(approve.ends_with("/approve"));
    let let_in = owner.post(&approve, &[("csrf", &csrf)]).await;
    assert_eq!(let_in.location(), ACCESS);
    assert_eq!(desk.support.get(&desk.key_url()).await.status, 200);
    let approved = "select count(*) from audit_log where action = 'support.approved'
        and actor_kind = 'person' and actor_label = 'owner@acme.example'";
    assert_eq!(desk.house.number(approved), 1);
    // An answer is given once.
    owner.post(&approve, &[("csrf", &csrf)]).await;
    assert_eq!(desk.house.number(approved), 1);
}

#[tokio::test]
async fn a_declined_request_opens_nothing_and_an_unanswered_one_lapses() {
    let desk = Desk::new().await;
    desk.house
        .execute("update accounts set support_asks = true");
    desk.open().await;
    let owner = &desk.house.owner;
    let page = owner.get(ACCESS).await;
    let csrf = page.attribute("main form input[name=csrf]", "value");
    let decline = page
        .attribute("[data-waiting] form", "action")
        .replace("approve", "decline");
    let last = last_noted(&desk.house.app.db);
    owner.post(&decline, &[("csrf", &csrf)]).await;
    assert_eq!(noted_after(&desk.house.app.db, last), "support.declined");
    assert_eq!(desk.support.get(&desk.key_url()).await.status, 303);
    let page = owner.get(ACCESS).await;
    assert_eq!(page.one("td[data-column=state] .badge"), "Declined");
    desk.open().await;
    desk.house.execute(
        "update support_sessions set requested_at = requested_at - interval '25 hours'
         where declined_at is null",
    );
    let page = owner.get(ACCESS).await;
    assert!(!page.has("[data-waiting]"));
    assert_eq!(
        page.texts("td[data-column=state] .badge"),
        ["Not answered", "Declined"]
    );
    desk.open().await;
    assert_eq!(desk.noted("support.requested"), 3);
}

#[tokio::test]
async fn an_owner_gets_a_letter_when_somebody_asks() {
    let sink = SmtpSink::open();
    let app = TestApp::spawn_with(None, &sink.config());
    app.account("acme");
    app.db.execute("update accounts set support_asks = true");
    let account = "select public_id as line from accounts where domain = 'acme'";
    let account = crate::support::rows::text(&app.db, account);
    let support =
        crate::dashboard::operator::staff(&app, latchkey::domain::role::StaffRole::Support).await;
    let path = format!("/support/accounts/{account}/open");
    let fields = [
        ("ticket", "4521"),
        ("reason", "leak"),
        ("note", "Seen on a forum"),
    ];
    support.submit(&path, &fields).await;
    let letter = sink.letter().await;
    assert_eq!(letter.to, ["owner@acme.example"]);
    assert_eq!(letter.subject, "May support look into acme Ltd?");
    assert!(
        letter
            .text
            .contains("Ticket 4521: A key may have leaked. Seen on a forum")
    );
    assert_eq!(letter.path(), ACCESS);
}
