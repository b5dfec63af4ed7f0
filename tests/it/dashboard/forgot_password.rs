//! A new password by a link in a letter, and an answer that tells nobody who is known here.

use std::time::Duration;

use latchkey::config::MailConfig;

use crate::support::app::PASSWORD;
use crate::support::app::TestApp;
use crate::support::html::Page;
use crate::support::rows::last_noted;
use crate::support::rows::noted_after;
use crate::support::said::Ear;
use crate::support::smtp::SmtpSink;

const NEW_PASSWORD: &str = "seven quiet harbours at dawn";
const OWNER: [(&str, &str); 1] = [("email", "owner@acme.example")];

#[tokio::test]
async fn a_link_in_a_letter_leads_to_a_new_password_and_ends_every_session() {
    let sink = SmtpSink::open();
    let app = TestApp::spawn_with(None, &sink.config());
    let owner = app.owner("acme").await;
    let last = last_noted(&app.db);
    let page = app.visitor().submit("/forgot-password", &OWNER).await;
    assert_eq!(
        (page.status, page.one("h1").as_str()),
        (200, "Look into your mailbox")
    );
    let letter = sink.letter().await;
    assert_eq!(letter.to, ["owner@acme.example"]);
    assert_eq!(noted_after(&app.db, last), "password.reset-asked");
    assert!(letter.text.contains(&format!("http://{}/", app.address)));
    let path = letter.path();
    let token = path.split("token=").nth(1).unwrap();
    let stored = crate::support::rows::every_row(&mut app.db.connection());
    assert!(!stored.contains(token), "hashed at rest");
    assert_eq!(owner.get("/w/default/").await.status, 200, "not yet");
    let browser = app.visitor();
    let last = last_noted(&app.db);
    let page = browser.submit(&path, &[("password", NEW_PASSWORD)]).await;
    assert_eq!(noted_after(&app.db, last), "password.set session.ended");
    assert_eq!((page.status, page.location()), (303, "/sign-in/acme?set=1"));
    assert_eq!(owner.get("/w/default/").await.status, 303, "signed out");
    let fields = [("email", "owner@acme.example"), ("password", NEW_PASSWORD)];
    assert_eq!(browser.submit("/sign-in/acme", &fields).await.status, 303);
    assert_eq!(app.visitor().get(&path).await.status, 404, "works once");
}

#[tokio::test]
async fn the_link_in_a_letter_is_the_configured_address_whatever_the_host_header_says() {
    let sink = SmtpSink::open();
    let app = TestApp::spawn_with(Some("http://keys.example"), &sink.config());
    app.account("acme");
    let visitor = app.visitor();
    let form = visitor.get("/forgot-password").await;
    let csrf = form.attribute("main form input[name=csrf]", "value");
    let request = visitor
        .request("POST", "/forgot-password")
        .header("sec-fetch-site", "same-origin")
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .form(&[("csrf", csrf.as_str()), OWNER[0]]);
    assert_eq!(crate::support::callers::send(request).await.status, 200);
    let text = sink.letter().await.text;
    assert!(
        text.contains("http://keys.example/set-password?token="),
        "{text}"
    );
    assert!(!text.contains("evil.example"), "{text}");
}

#[tokio::test]
async fn the_link_works_for_thirty_minutes_and_a_newer_one_takes_its_place() {
    let sink = SmtpSink::open();
    let app = TestApp::spawn_with(None, &sink.config());
    app.account("acme");
    let visitor = app.visitor();
    visitor.submit("/forgot-password", &OWNER).await;
    let first = sink.letter().await.path();
    visitor.submit("/forgot-password", &OWNER).await;
    let second = sink.letter().await.path();
    assert_eq!(visitor.get(&first).await.status, 404);
    app.clock.advance(Duration::from_mins(29));
    assert_eq!(visitor.get(&second).await.status, 200);
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(visitor.get(&second).await.status, 404);
}

fn without_what_differs(page: &Page, email: &str) -> String {
    page.without_reference().replace(email, "EMAIL")
}

#[tokio::test]
async fn the_answer_tells_nobody_who_is_known_here() {
    let sink = SmtpSink::open();
    let app = TestApp::spawn_with(None, &sink.config());
    app.account("acme");
    app.account("umbrella");
    app.db
        .execute("update users set disabled_at = now() where email = 'owner@umbrella.example'");
    let mut answers = Vec::new();
    for email in [
        "owner@acme.example",
        "nobody@acme.example",
        "owner@umbrella.example",
    ] {
        let page = app
            .visitor()
            .submit("/forgot-password", &[("email", email)])
            .await;
        assert_eq!(page.status, 200);
        answers.push(without_what_differs(&page, email));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    assert_eq!(sink.letter().await.to, ["owner@acme.example"]);
    assert!(sink.is_empty());
}

#[tokio::test]
async fn asking_again_and_again_waits_known_or_not_and_keeps_nobody_from_signing_in() {
    let app = TestApp::spawn();
    app.account("acme");
    for email in ["owner@acme.example", "nobody@acme.example"] {
        let mut statuses = Vec::new();
        for _ in 0..6 {
            let asked = app.visitor();
            let page = asked.submit("/forgot-password", &[("email", email)]).await;
            statuses.push(page.status);
        }
        assert_eq!(statuses, [200, 200, 200, 200, 200, 429], "{email}");
    }
    let fields = [("email", "owner@acme.example"), ("password", PASSWORD)];
    let page = app.visitor().submit("/sign-in/acme", &fields).await;
    assert_eq!(page.status, 303);
}

#[tokio::test]
async fn without_mail_the_page_says_so_and_the_link_is_in_the_log() {
    let ear = Ear::open();
    let app = TestApp::spawn_with(None, &MailConfig::default());
    app.account("acme");
    let visitor = app.visitor();
    let page = visitor.get("/forgot-password").await;
    assert!(page.one("#no-mail").contains("cannot send mail"));
    let page = visitor.submit("/forgot-password", &OWNER).await;
    assert_eq!(page.one("h1"), "No mail was sent");
    let deadline = std::time::Instant::now() + Duration::from_mins(1);
    while !ear.heard().contains("/set-password?token=") {
        assert!(std::time::Instant::now() < deadline, "{}", ear.heard());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(ear.heard().contains("not sent"));
}

#[tokio::test]
async fn an_address_that_is_none_is_said_at_its_field() {
    let app = TestApp::spawn();
    let page = app
        .visitor()
        .submit("/forgot-password", &[("email", "nobody")])
        .await;
    assert_eq!(page.status, 422);
    assert!(page.has("#email-error"));
    assert_eq!(page.attribute("#email", "value"), "nobody");
}
