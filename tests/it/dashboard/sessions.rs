//! How long a session lasts, what ends it, and what its cookie looks like.

use std::time::Duration;

use diesel::QueryDsl;
use diesel::RunQueryDsl;
use latchkey::db::schema::audit_log;
use latchkey::db::schema::sessions;
use latchkey::domain::role::WorkspaceRole;

use crate::support::app::PASSWORD;
use crate::support::app::TestApp;
use crate::support::raw;

fn rows(app: &TestApp) -> i64 {
    let mut conn = app.db.connection();
    sessions::table.count().get_result(&mut conn).unwrap()
}

#[tokio::test]
async fn visitors_leave_no_row() {
    let app = TestApp::spawn();
    let visitor = app.visitor();
    visitor.get("/").await;
    visitor.get("/sign-in").await;
    visitor.submit("/sign-in", &[("domain", "acme")]).await;
    visitor
        .submit(
            "/sign-in/acme",
            &[("email", "a@b.example"), ("password", "x")],
        )
        .await;
    assert_eq!(rows(&app), 0);
}

#[tokio::test]
async fn a_session_idle_for_an_hour_is_over() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    for _ in 0..3 {
        app.clock.advance(Duration::from_mins(59));
        assert_eq!(owner.get("/w/default/").await.status, 200);
    }
    app.clock.advance(Duration::from_hours(1));
    let page = owner.get("/w/default/").await;
    assert_eq!(page.location(), "/sign-in?next=%2Fw%2Fdefault%2F&ended=1");
    let page = owner.get("/sign-in/acme?ended=1").await;
    assert!(page.one(".notice").contains("the session was over"));
}

#[tokio::test]
async fn a_session_is_over_after_twelve_hours_however_busy() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    for _ in 0..23 {
        app.clock.advance(Duration::from_mins(30));
        assert_eq!(owner.get("/w/default/").await.status, 200);
    }
    app.clock.advance(Duration::from_mins(30));
    assert_eq!(owner.get("/w/default/").await.status, 303);
}

#[tokio::test]
async fn last_seen_is_written_once_a_minute_at_most() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let seen = || {
        let mut conn = app.db.connection();
        let at: chrono::DateTime<chrono::Utc> = sessions::table
            .select(sessions::last_seen_at)
            .first(&mut conn)
            .unwrap();
        at
    };
    let at_first = seen();
    app.clock.advance(Duration::from_secs(59));
    owner.get("/w/default/").await;
    assert_eq!(seen(), at_first);
    app.clock.advance(Duration::from_secs(1));
    owner.get("/w/default/").await;
    assert_eq!((seen() - at_first).num_seconds(), 60);
}

#[tokio::test]
async fn a_planted_session_id_is_not_taken_over_at_sign_in() {
    let app = TestApp::spawn();
    app.account("acme");
    let set = |answer: &str, name: &str| {
        let line = answer
            .lines()
            .find_map(|line| line.strip_prefix(&format!("set-cookie: {name}=")))
            .unwrap();
        line.split(';').next().unwrap().to_owned()
    };
    let form = raw::exchange(app.address, &[b"GET /sign-in/acme HTTP/1.1"], b"").await;
    let visitor = set(&form, "lk_visitor");
    let token = form.split("name=\"csrf\" value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    let body = format!(
        "csrf={token}&email=owner%40acme.example&password={}",
        PASSWORD.replace(' ', "+")
    );
    let sign_in = async |session: &str| {
        let cookie = format!("Cookie: lk_visitor={visitor}; lk_sid={session}");
        let length = format!("Content-Length: {}", body.len());
        let head: [&[u8]; 5] = [
            b"POST /sign-in/acme HTTP/1.1",
            b"Sec-Fetch-Site: same-origin",
            b"Content-Type: application/x-www-form-urlencoded",
            cookie.as_bytes(),
            length.as_bytes(),
        ];
        set(
            &raw::exchange(app.address, &head, body.as_bytes()).await,
            "lk_sid",
        )
    };
    let first = sign_in("planted").await;
    let second = sign_in(&first).await;
    assert_ne!(first, second);
    let ask = async |session: &str| {
        let cookie = format!("Cookie: lk_sid={session}");
        let lines: [&[u8]; 2] = [b"GET /w/default/ HTTP/1.1", cookie.as_bytes()];
        raw::exchange(app.address, &lines, b"").await
    };
    assert!(ask(&second).await.starts_with("HTTP/1.1 200"));
    assert!(
        ask(&first).await.starts_with("HTTP/1.1 303"),
        "renewed, so the old id is over"
    );
    assert_eq!(rows(&app), 1);
}

#[tokio::test]
async fn signing_out_deletes_row_and_cookie() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let page = owner.get("/w/default/").await;
    let csrf = page.attribute("form[action='/sign-out'] input[name=csrf]", "value");
    let out = owner.post("/sign-out", &[("csrf", &csrf)]).await;
    assert_eq!((out.status, out.location()), (303, "/sign-in"));
    assert_eq!(out.header("clear-site-data"), "\"cache\", \"storage\"");
    assert!(out.header("set-cookie").starts_with("lk_sid=;"));
    assert_eq!(rows(&app), 0);
    assert_eq!(owner.get("/w/default/").await.status, 303);
    let mut conn = app.db.connection();
    let actions: Vec<String> = audit_log::table
        .order(audit_log::id)
        .select(audit_log::action)
        .load(&mut conn)
        .unwrap();
    assert_eq!(
        actions[actions.len() - 2..],
        ["session.started", "session.ended"]
    );
}

#[tokio::test]
async fn who_loses_the_membership_is_out_at_the_next_request() {
    let app = TestApp::spawn();
    let account = app.account("acme");
    app.member(
        account.account,
        account.workspace,
        "dev@acme.example",
        WorkspaceRole::Developer,
    );
    let member = app.visitor();
    member.sign_in("acme", "dev@acme.example").await;
    assert_eq!(member.get("/w/default/").await.status, 200);
    app.db.execute("delete from workspace_memberships");
    assert_eq!(member.get("/w/default/").await.status, 404);
    app.db
        .execute("delete from memberships where role = 'member'");
    assert_eq!(member.get("/w/default/").await.status, 303);
}

#[tokio::test]
async fn who_is_disabled_is_out_at_the_next_request() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    app.db.execute("update users set disabled_at = now()");
    assert_eq!(owner.get("/w/default/").await.status, 303);
}

#[tokio::test]
async fn over_plain_http_the_cookie_is_lax_and_closed_to_scripts() {
    let app = TestApp::spawn();
    app.account("acme");
    let fields = [("email", "owner@acme.example"), ("password", PASSWORD)];
    let page = app.visitor().submit("/sign-in/acme", &fields).await;
    let cookies: Vec<_> = page.headers.get_all("set-cookie").iter().collect();
    let session = cookies
        .iter()
        .map(|line| line.to_str().unwrap())
        .find(|line| line.starts_with("lk_sid="))
        .unwrap();
    assert!(
        session.ends_with("; HttpOnly; SameSite=Lax; Path=/"),
        "{session}"
    );
}
