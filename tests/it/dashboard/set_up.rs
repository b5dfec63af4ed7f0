//! The first account, and links that work once.

use std::time::Duration;

use diesel::QueryDsl;
use diesel::RunQueryDsl;
use latchkey::db::one_time_links::Purpose;
use latchkey::db::schema::accounts;
use latchkey::db::schema::staff_grants;

use crate::support::app::PASSWORD;
use crate::support::app::TestApp;
use crate::support::rows::last_noted;
use crate::support::rows::noted_after;

const FIELDS: [(&str, &str); 5] = [
    ("company", "Acme Ltd"),
    ("domain", "acme"),
    ("name", "Ada Byron"),
    ("email", "ada@acme.example"),
    ("password", PASSWORD),
];

fn with<'a>(field: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    FIELDS
        .iter()
        .map(|(name, usual)| (*name, if *name == field { value } else { *usual }))
        .collect()
}

#[tokio::test]
async fn the_first_account_is_made_once_and_its_owner_is_in() {
    let app = TestApp::spawn();
    let path = format!("/setup?token={}", app.link(Purpose::SetUp));
    let visitor = app.visitor();
    let open = visitor.get(&path).await;
    let late = app.visitor();
    let late_page = late.get(&path).await;
    let last = last_noted(&app.db);
    let page = visitor.fill_in(&open, &FIELDS).await;
    assert_eq!(
        noted_after(&app.db, last),
        "account.created member.added person.created session.started staff.granted \
         workspace.created"
    );
    assert_eq!((page.status, page.location()), (303, "/"));
    assert_eq!(visitor.get("/").await.location(), "/w/default/");
    let mut conn = app.db.connection();
    let role: String = staff_grants::table
        .select(staff_grants::role)
        .first(&mut conn)
        .unwrap();
    assert_eq!(role, "operator");
    for page in [
        visitor.get(&path).await,
        app.visitor().get(&path).await,
        late.fill_in(&late_page, &with("domain", "other")).await,
    ] {
        assert_eq!(
            (page.status, page.one("h1").as_str()),
            (404, "This link does not work any more")
        );
    }
    let count: i64 = accounts::table.count().get_result(&mut conn).unwrap();
    assert_eq!(count, 1);
    let again = app.visitor();
    again.sign_in("acme", "ada@acme.example").await;
}

#[tokio::test]
async fn of_two_at_once_one_sets_up() {
    let app = TestApp::spawn();
    let path = format!("/setup?token={}", app.link(Purpose::SetUp));
    let (one, two) = (app.visitor(), app.visitor());
    let pages = (one.get(&path).await, two.get(&path).await);
    let (other, usual) = (with("domain", "other"), FIELDS);
    let answers = tokio::join!(one.fill_in(&pages.0, &usual), two.fill_in(&pages.1, &other));
    let mut statuses = [answers.0.status, answers.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 404]);
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field_and_the_rest_is_kept() {
    let app = TestApp::spawn();
    let path = format!("/setup?token={}", app.link(Purpose::SetUp));
    let visitor = app.visitor();
    let long = "x".repeat(10_000);
    for (field, bad) in [
        ("company", ""),
        ("company", &long),
        ("company", "a\0b"),
        ("domain", ""),
        ("domain", "Not a label"),
        ("domain", "staff"),
        ("name", ""),
        ("name", "\u{202e}adA"),
        ("email", ""),
        ("email", "nobody"),
        ("password", ""),
        ("password", "too short"),
        ("password", "passwordpassword"),
        ("password", "ada@acme.example"),
        ("password", &long),
    ] {
        let page = visitor.submit(&path, &with(field, bad)).await;
        let shown: String = bad.chars().take(20).collect();
        assert_eq!(page.status, 422, "{field}={shown}");
        assert_eq!(page.texts(".field-error").len(), 1, "{field}={shown}");
        assert!(page.has(&format!("#{field}-error")), "{field}={shown}");
        for (kept, value) in with(field, bad) {
            if kept != "password" && !value.contains('\0') {
                assert_eq!(page.attribute(&format!("#{kept}"), "value"), value);
            }
        }
    }
    assert_eq!(
        visitor.submit(&path, &FIELDS).await.status,
        303,
        "the link still works"
    );
}

#[tokio::test]
async fn a_link_is_good_for_a_day_and_until_the_next() {
    let app = TestApp::spawn();
    let visitor = app.visitor();
    let first = format!("/setup?token={}", app.link(Purpose::SetUp));
    let second = format!("/setup?token={}", app.link(Purpose::SetUp));
    assert_eq!(visitor.get(&first).await.status, 404);
    assert_eq!(visitor.get(&second).await.status, 200);
    app.clock.advance(Duration::from_hours(24));
    assert_eq!(visitor.get(&second).await.status, 404);
    for none in [
        "/setup",
        "/setup?token=",
        "/setup?token=x",
        "/set-password?token=x",
    ] {
        assert_eq!(visitor.get(none).await.status, 404, "{none}");
    }
}

#[tokio::test]
async fn a_chosen_password_ends_every_session_and_the_link() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let user = {
        let mut conn = app.db.connection();
        let users = latchkey::db::schema::users::table;
        users
            .select(latchkey::db::schema::users::id)
            .first(&mut conn)
            .unwrap()
    };
    let token = app.link(Purpose::SetPassword(user));
    let path = format!("/set-password?token={token}");
    assert_eq!(
        app.visitor()
            .get(&format!("/setup?token={token}"))
            .await
            .status,
        404
    );
    let visitor = app.visitor();
    let page = visitor.submit(&path, &[("password", "short")]).await;
    assert_eq!(page.status, 422);
    let new = "another battery of horses";
    let page = visitor.submit(&path, &[("password", new)]).await;
    assert_eq!((page.status, page.location()), (303, "/sign-in/acme?set=1"));
    assert!(
        visitor
            .get("/sign-in/acme?set=1")
            .await
            .one(".notice")
            .contains("password is set")
    );
    assert_eq!(owner.get("/w/default/").await.status, 303);
    assert_eq!(visitor.get(&path).await.status, 404);
    for (password, status) in [(PASSWORD, 422), (new, 303)] {
        let fields = [("email", "owner@acme.example"), ("password", password)];
        assert_eq!(
            app.visitor().submit("/sign-in/acme", &fields).await.status,
            status
        );
    }
}
