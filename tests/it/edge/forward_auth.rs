//! `/v1/forward-auth`, as proxies ask it.

use chrono::TimeDelta;
use latchkey::domain::decision::DenyReason;
use latchkey::domain::endpoint::Method;
use latchkey::domain::endpoint::Surface;
use latchkey::domain::key_state::KeyTimes;
use reqwest::Response;

use crate::support::edge::TestEdge;

async fn ask(edge: &TestEdge, query: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = edge
        .client
        .get(edge.url(&format!("/v1/forward-auth{query}")));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

#[tokio::test]
async fn an_allowed_request_is_told_who_it_is_by_every_header() {
    let edge = TestEdge::start();
    let key = edge.key();
    let response = ask(
        &edge,
        "",
        &[
            ("x-api-key", key.expose()),
            ("x-forwarded-method", "POST"),
            ("x-forwarded-uri", "/v1/documents?page=2"),
            ("x-forwarded-for", "198.51.100.1, 203.0.113.9"),
        ],
    )
    .await;
    assert_eq!(response.status(), 200);
    let id = header(&response, "x-request-id");
    for (name, value) in [
        ("x-latchkey-key", key.id().as_str()),
        ("x-latchkey-account", "acc_7"),
        ("x-latchkey-workspace", "wsp_8"),
        ("x-latchkey-owner", "00000000-0000-0000-0000-000000000009"),
        ("x-latchkey-scope", "full"),
        ("x-latchkey-permissions", "*"),
        ("x-latchkey-request-id", id),
    ] {
        assert_eq!(header(&response, name), value);
    }
    let [row] = edge.decided().try_into().unwrap();
    assert_eq!(row.surface, Surface::ForwardAuth);
    assert_eq!(row.method, Some(Method::Post));
    assert_eq!(row.path, "/v1/documents");
    assert_eq!(row.ip, "203.0.113.9".parse().ok());
    assert_eq!(row.request_id.as_str(), id);
}

#[tokio::test]
async fn any_method_may_ask() {
    let edge = TestEdge::start();
    let key = edge.key();
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let response = edge
            .client
            .request(method.parse().unwrap(), edge.url("/v1/forward-auth"))
            .bearer_auth(key.expose())
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "{method}");
    }
}

#[tokio::test]
async fn a_refusal_has_the_words_of_all_faces() {
    let edge = TestEdge::start();
    let expired = edge.key_with(KeyTimes {
        expires_at: Some(edge.now() - TimeDelta::seconds(1)),
        ..KeyTimes::default()
    });
    let response = ask(&edge, "", &[("x-api-key", expired.expose())]).await;
    assert_eq!(response.status(), 401);
    assert!(response.headers().contains_key("www-authenticate"));
    assert_eq!(
        response.text().await.unwrap(),
        r#"{"error":"Expired API Key"}"#
    );
}

#[tokio::test]
async fn nginx_hears_only_401_and_403_and_the_true_status_beside() {
    let edge = TestEdge::start();
    let key = edge.key();
    let secret = ("x-api-key", key.expose());
    let none = ask(&edge, "?proxy=nginx", &[]).await;
    assert_eq!(none.status(), 401);
    assert_eq!(header(&none, "x-latchkey-status"), "401");
    let path = ask(
        &edge,
        "?proxy=nginx",
        &[
            secret,
            ("x-original-uri", "/a/../b"),
            ("x-original-method", "GET"),
        ],
    )
    .await;
    assert_eq!(path.status(), 403);
    assert_eq!(header(&path, "x-latchkey-status"), "400");
    assert_eq!(
        header(&path, "x-latchkey-error"),
        "The path can be read in more than one way"
    );
    edge.lapse();
    let lapsed = ask(&edge, "?proxy=nginx", &[secret]).await;
    assert_eq!(lapsed.status(), 403);
    assert_eq!(header(&lapsed, "x-latchkey-status"), "503");
    assert_eq!(header(&lapsed, "retry-after"), "1");
}

#[tokio::test]
async fn what_the_proxy_says_goes_before_what_its_client_says() {
    let edge = TestEdge::start();
    let key = edge.key();
    let both = [
        ("x-api-key", key.expose()),
        ("x-original-method", "PUT"),
        ("x-original-uri", "/original"),
        ("x-forwarded-method", "GET"),
        ("x-forwarded-uri", "/forwarded"),
    ];
    ask(&edge, "?proxy=nginx", &both).await;
    ask(&edge, "", &both).await;
    let rows: Vec<_> = edge
        .decided()
        .into_iter()
        .map(|row| (row.method, row.path.into_owned()))
        .collect();
    assert_eq!(
        rows,
        [
            (Some(Method::Put), "/original".to_owned()),
            (Some(Method::Get), "/forwarded".to_owned()),
        ]
    );
}

#[tokio::test]
async fn an_unclear_request_is_refused() {
    let edge = TestEdge::start();
    let key = edge.key();
    let secret = ("x-api-key", key.expose());
    for headers in [
        [("x-forwarded-uri", "/a"), ("x-forwarded-uri", "/b")],
        [("x-forwarded-uri", "/a"), ("x-forwarded-method", "TRACE")],
        [("x-forwarded-uri", "?a=b"), ("x-forwarded-method", "GET")],
        [
            ("x-forwarded-uri", "http://x/a"),
            ("x-forwarded-method", "GET"),
        ],
        [("x-forwarded-uri", "/a;b"), ("x-forwarded-method", "GET")],
    ] {
        let response = ask(&edge, "", &[secret, headers[0], headers[1]]).await;
        assert_eq!(response.status(), 400, "{headers:?}");
        assert_eq!(
            response.text().await.unwrap(),
            r#"{"error":"The path can be read in more than one way"}"#
        );
    }
    let uri = format!("/a?api_key={}", key.expose());
    let response = ask(&edge, "", &[secret, ("x-forwarded-uri", &uri)]).await;
    assert_eq!(response.status(), 400);
    let rows = edge.decided();
    assert_eq!(rows.len(), 6);
    assert_eq!(rows[5].denied, Some(DenyReason::KeyInUrl));
}

#[tokio::test]
async fn nobody_but_the_peers_may_ask() {
    let edge = TestEdge::start_with_peers("10.0.0.0/8");
    let key = edge.key();
    let forged = [("x-api-key", key.expose()), ("x-forwarded-for", "10.0.0.1")];
    let response = ask(&edge, "", &forged).await;
    assert_eq!(response.status(), 403);
    assert_eq!(
        response.text().await.unwrap(),
        r#"{"error":"This address may not ask here"}"#
    );
    assert!(edge.decided().is_empty());
}
