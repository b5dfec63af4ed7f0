//! Pages for what cannot be shown, and the headers of every answer.

use crate::support::app::TestApp;
use crate::support::callers::send;
use crate::support::raw;

const HEADERS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-robots-tag", "noindex"),
    ("strict-transport-security", ""),
];

#[tokio::test]
async fn every_answer_carries_the_browsers_orders_and_a_reference() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let style = owner.get("/sign-in").await;
    assert_eq!(style.status, 303);
    let style = app.visitor().get("/sign-in").await;
    let style = style.attribute("link[rel=stylesheet]", "href");
    for (path, status) in [
        ("/w/default/", 200),
        ("/w/foreign/", 404),
        ("/nowhere", 404),
        ("/static/x/y", 404),
        (style.as_str(), 200),
        ("/sign-out", 405),
        ("/", 303),
    ] {
        let page = owner.get(path).await;
        assert_eq!(page.status, status, "{path}");
        assert!(page.header("x-request-id").starts_with("req_"), "{path}");
        assert!(
            page.header("content-security-policy")
                .starts_with("default-src 'none'; ")
        );
        for (name, value) in HEADERS {
            assert_eq!(page.header(name), value, "{path} {name}");
        }
    }
}

#[tokio::test]
async fn over_https_the_browser_is_told_to_stay_there() {
    let app = TestApp::spawn_at(Some("https://keys.example"));
    let page = app.visitor().get("/nowhere").await;
    assert_eq!(page.header("strict-transport-security"), "max-age=31536000");
}

#[tokio::test]
async fn pages_say_how_long_they_may_be_kept() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let page = owner.get("/w/default/").await;
    assert_eq!(
        (page.header("cache-control"), page.header("vary")),
        ("private, no-cache", "Cookie")
    );
    for page in [
        app.visitor().get("/sign-in").await,
        owner.get("/nowhere").await,
    ] {
        assert_eq!(page.header("cache-control"), "no-store, private");
    }
}

#[tokio::test]
async fn whose_host_a_request_names_changes_nothing() {
    let app = TestApp::spawn();
    for line in [
        &b"GET /w/default/ HTTP/1.1"[..],
        b"GET http://evil.example/w/default/ HTTP/1.1",
    ] {
        let forged: [&[u8]; 3] = [
            line,
            b"X-Forwarded-Host: evil.example",
            b"Forwarded: host=evil.example",
        ];
        let answer = raw::exchange(app.address, &forged, b"").await;
        assert!(!answer.contains("evil.example"), "{answer}");
        let location = answer.lines().find(|line| line.starts_with("location: "));
        assert_eq!(location, Some("location: /sign-in?next=%2Fw%2Fdefault%2F"));
    }
}

#[tokio::test]
async fn a_workspace_without_its_slash_is_the_same_place() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    assert_eq!(owner.get("/w/default").await.location(), "/w/default/");
    assert_eq!(owner.get("/w/foreign").await.status, 404);
}

#[tokio::test]
async fn somebody_elses_workspace_is_as_unknown_as_none() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let other = app.account("umbrella");
    app.workspace(other.account, "secret-lab");
    let foreign = owner.get("/w/secret-lab/").await;
    let unknown = owner.get("/w/no-such-lab/").await;
    let nowhere = owner.get("/nowhere").await;
    assert_eq!(foreign.status, 404);
    assert_eq!(foreign.without_reference(), unknown.without_reference());
    assert_eq!(foreign.without_reference(), nowhere.without_reference());
    let names = |page: &crate::support::html::Page| {
        let mut names: Vec<_> = page.headers.keys().map(ToString::to_string).collect();
        names.sort();
        names
    };
    assert_eq!(names(&foreign), names(&unknown));
    assert_eq!(
        foreign.one(".reference code"),
        foreign.header("x-request-id")
    );
}

#[tokio::test]
async fn without_its_database_the_console_says_so_and_nothing_more() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    app.db.execute("alter table sessions rename to gone");
    let page = owner.get("/w/default/").await;
    assert_eq!(page.status, 503);
    assert!(page.header("retry-after").parse::<u32>().is_ok());
    assert!(page.header("x-request-id").starts_with("req_"));
    assert!(
        page.header("content-security-policy")
            .starts_with("default-src 'none'; ")
    );
    assert!(!page.text.contains("relation"), "{}", page.text);
    assert_eq!(app.visitor().get("/sign-in").await.status, 200);
}

#[tokio::test]
async fn a_fault_of_ours_is_a_page_without_its_cause() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    app.db.execute("alter table audit_log rename to gone");
    let page = owner.get("/w/default/").await;
    assert_eq!(
        (page.status, page.one("h1").as_str()),
        (500, "There is a problem with the service")
    );
    assert!(!page.text.contains("relation"), "{}", page.text);
    assert_eq!(page.one(".reference code"), page.header("x-request-id"));
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let page = send(owner.request("HEAD", "/w/default/")).await;
    assert_eq!((page.status, page.text.len()), (200, 0));
    assert_eq!(page.header("cache-control"), "private, no-cache");
}
