//! An account opens with a reason and a ticket, for half an hour.

use std::time::Duration;

use crate::dashboard::support::Desk;

#[tokio::test]
async fn nothing_of_an_account_is_shown_before_a_reason_and_then_it_leads_on() {
    let desk = Desk::new().await;
    for page in desk.pages() {
        let answer = desk.support.get(&page).await;
        let open = format!("{}/open?next=", desk.url());
        assert_eq!(answer.status, 303, "{page}");
        assert!(
            answer.location().starts_with(&open),
            "{}",
            answer.location()
        );
        let form = desk.support.get(answer.location()).await;
        assert_eq!(form.one("h1"), "Look into acme Ltd");
        assert_eq!(form.attribute("main form input[name=next]", "value"), page);
    }
    let asked = desk.support.get(&desk.request_url()).await;
    let form = desk.support.get(asked.location()).await;
    let bad = desk.support.fill_in(&form, &[("note", "x")]).await;
    assert_eq!(bad.status, 422);
    assert_eq!(
        bad.texts(".error-list a"),
        ["Fill this in.", "Choose a reason."]
    );
    assert!(bad.text.contains(">x</textarea>"));
    let next = desk.request_url();
    let fields = [
        ("ticket", "4521"),
        ("reason", "refusals"),
        ("next", next.as_str()),
    ];
    let opened = desk.support.fill_in(&form, &fields).await;
    assert_eq!((opened.status, opened.location()), (303, next.as_str()));
    assert_eq!(desk.noted("support.opened"), 1);
    let page = desk.support.get(&next).await;
    let told = page.one(".support-band");
    for words in [
        "Support view",
        "read-only",
        "Ticket 4521",
        "ends 10:11",
        "30 minutes left",
    ] {
        assert!(told.contains(words), "{told}");
    }
    // An open look is the same one, however often it is asked for.
    let again = desk.support.fill_in(&form, &fields).await;
    assert_eq!(again.location(), next);
    assert_eq!(desk.noted("support.opened"), 1);
}

#[tokio::test]
async fn the_way_on_leads_nowhere_else() {
    let desk = Desk::new().await;
    for next in [
        "https://evil.example/",
        "//evil.example",
        "/operator/staff",
        "/w/default/",
    ] {
        let path = format!("{}/open?next={next}", desk.url());
        let form = desk.support.get(&path).await;
        let kept = form.attribute("main form input[name=next]", "value");
        assert_eq!(kept, desk.url(), "{next}");
    }
}

#[tokio::test]
async fn a_secret_in_the_reason_is_not_kept() {
    let desk = Desk::new().await;
    let path = format!("{}/open", desk.url());
    let fields = [
        ("ticket", desk.key.secret.as_str()),
        ("reason", "leak"),
        ("note", ""),
    ];
    let page = desk.support.submit(&path, &fields).await;
    assert_eq!(page.status, 422);
    assert!(!page.text.contains(&desk.key.secret[20..]));
    assert!(page.one("#ticket-error").contains("full secret"));
}

#[tokio::test]
async fn a_look_ends_after_half_an_hour_unless_it_is_renewed() {
    let desk = Desk::new().await;
    desk.open().await;
    desk.house.app.clock.advance(Duration::from_mins(29));
    assert_eq!(desk.press("renew").await.status, 303);
    assert_eq!(desk.noted("support.renewed"), 1);
    desk.house.app.clock.advance(Duration::from_mins(29));
    assert_eq!(desk.support.get(&desk.key_url()).await.status, 200);
    desk.house.app.clock.advance(Duration::from_mins(1));
    let over = desk.support.get(&desk.key_url()).await;
    assert!(
        over.location().contains("/open?next="),
        "{}",
        over.location()
    );
    // And again, with a row of its own.
    assert_eq!(desk.open().await.status, 303);
    assert_eq!(desk.noted("support.opened"), 2);
    assert_eq!(desk.press("end").await.location(), "/support");
    assert_eq!(desk.noted("support.ended"), 1);
    assert_eq!(desk.support.get(&desk.url()).await.status, 303);
    let page = desk.support.get("/support/sessions").await;
    assert_eq!(page.texts("tbody th a"), ["acme Ltd", "acme Ltd"]);
    let states = page.texts("td[data-column=state] .badge");
    assert_eq!(states, ["Over", "Over"]);
}

#[tokio::test]
async fn a_look_is_its_own_persons_and_one_accounts() {
    let desk = Desk::new().await;
    desk.open().await;
    let app = &desk.house.app;
    app.staff(
        "other@keys.example",
        latchkey::domain::role::StaffRole::Support,
    );
    let other = app.visitor();
    other.sign_in("staff", "other@keys.example").await;
    assert_eq!(other.get(&desk.key_url()).await.status, 303);
    app.account("globex");
    let globex = "select public_id as line from accounts where domain = 'globex'";
    let globex = crate::support::rows::text(&app.db, globex);
    let url = format!("/support/accounts/{globex}");
    assert_eq!(desk.support.get(&url).await.status, 303);
    // A key of another account is no key of the one that is open.
    let path = format!("/w/default/developers/keys/{}", desk.key.id);
    desk.support
        .submit(
            &format!("{url}/open"),
            &[("ticket", "1"), ("reason", "billing")],
        )
        .await;
    assert_eq!(desk.support.get(&format!("{url}{path}")).await.status, 404);
    let nowhere = format!("{}/w/nowhere/developers/keys", desk.url());
    assert_eq!(desk.support.get(&nowhere).await.status, 404);
    let unknown = "/support/accounts/acc_000000000000";
    assert_eq!(desk.support.get(unknown).await.status, 404);
}
