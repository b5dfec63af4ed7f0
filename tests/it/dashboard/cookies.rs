//! Cookies that another host of the domain may have planted, sent byte by byte.

use crate::support::app::PASSWORD;
use crate::support::app::TestApp;
use crate::support::raw;

/// Signs in behind an https proxy and gives the session cookie's value.
async fn session(app: &TestApp, email: &str) -> String {
    let form = raw::exchange(app.address, &[b"GET /sign-in/acme HTTP/1.1"], b"").await;
    let visitor = cookie(&form, "__Host-lk_visitor");
    let token = form.split("name=\"csrf\" value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    let body = format!(
        "csrf={token}&email={}&password={}",
        email.replace('@', "%40"),
        PASSWORD.replace(' ', "+")
    );
    let visitor = format!("Cookie: __Host-lk_visitor={visitor}");
    let length = format!("Content-Length: {}", body.len());
    let head: [&[u8]; 5] = [
        b"POST /sign-in/acme HTTP/1.1",
        b"Sec-Fetch-Site: same-origin",
        b"Content-Type: application/x-www-form-urlencoded",
        visitor.as_bytes(),
        length.as_bytes(),
    ];
    let answer = raw::exchange(app.address, &head, body.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    let line = answer
        .lines()
        .find(|line| line.starts_with("set-cookie: __Host-lk_sid="))
        .unwrap();
    assert!(
        line.ends_with("; HttpOnly; SameSite=Lax; Secure; Path=/"),
        "{line}"
    );
    cookie(&answer, "__Host-lk_sid")
}

fn cookie(answer: &str, name: &str) -> String {
    let start = format!("set-cookie: {name}=");
    let line = answer.lines().find_map(|line| line.strip_prefix(&start));
    line.unwrap().split(';').next().unwrap().to_owned()
}

async fn who(app: &TestApp, cookies: &[u8]) -> Option<String> {
    let line = [b"Cookie: ", cookies].concat();
    let answer = raw::exchange(app.address, &[b"GET /w/default/ HTTP/1.1", &line], b"").await;
    if answer.starts_with("HTTP/1.1 303") {
        return None;
    }
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let people = ["owner@acme.example", "mallory@acme.example"];
    let email = people.into_iter().find(|email| answer.contains(email));
    Some(email.unwrap().to_owned())
}

#[tokio::test]
async fn a_planted_cookie_neither_signs_in_nor_signs_out() {
    let app = TestApp::spawn_at(Some("https://keys.example"));
    let account = app.account("acme");
    app.member(
        account.account,
        account.workspace,
        "mallory@acme.example",
        latchkey::domain::role::WorkspaceRole::Viewer,
    );
    let mine = session(&app, "owner@acme.example").await;
    let hers = session(&app, "mallory@acme.example").await;
    let own = [b"__Host-lk_sid=", mine.as_bytes()].concat();
    assert_eq!(who(&app, &own).await.as_deref(), Some("owner@acme.example"));
    let names: [&[u8]; 9] = [
        b"%5F%5FHost-lk_sid",
        b"__Host-lk%5Fsid",
        b"__host-lk_sid",
        b"\xe2\x80\x80__Host-lk_sid",
        b"\xc2\xa0__Host-lk_sid",
        b"\xc2\x85__Host-lk_sid",
        b"__Host-lk_sid\xe2\x80\x80",
        b"lk_sid",
        b"\xff__Host-lk_sid",
    ];
    for name in names {
        let planted = [name, b"=", hers.as_bytes()].concat();
        let shown = name.escape_ascii();
        assert_eq!(who(&app, &planted).await, None, "{shown}");
        for both in [
            [&planted, &b"; "[..], &own].concat(),
            [&own, &b"; "[..], &planted].concat(),
        ] {
            let found = who(&app, &both).await;
            assert_eq!(found.as_deref(), Some("owner@acme.example"), "{shown}");
        }
    }
}

#[tokio::test]
async fn two_session_cookies_are_none() {
    let app = TestApp::spawn_at(Some("https://keys.example"));
    app.account("acme");
    let mine = session(&app, "owner@acme.example").await;
    let twice = format!("__Host-lk_sid={mine}; __Host-lk_sid={mine}");
    assert_eq!(who(&app, twice.as_bytes()).await, None);
}

#[tokio::test]
async fn a_broken_cookie_beside_ours_breaks_nothing() {
    let app = TestApp::spawn_at(Some("https://keys.example"));
    app.account("acme");
    let mine = session(&app, "owner@acme.example").await;
    let beside = [b"x=\xff\xfe; __Host-lk_sid=", mine.as_bytes(), b"; =; ;y"].concat();
    let found = who(&app, &beside).await;
    assert_eq!(found.as_deref(), Some("owner@acme.example"));
}
