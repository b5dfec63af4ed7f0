//! What the API behind the gateway is told of its caller, and what it is not.

use latchkey::http::client_ip::TrustedProxies;

use super::Behind;
use super::text;
use crate::support::edge::TestEdge;
use crate::support::upstream::Upstream;

/// The lines of a received request whose name, as a server with hyphens only reads it, is `name`.
fn lines<'a>(request: &'a str, name: &str) -> Vec<&'a str> {
    request
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": ").or_else(|| line.split_once(':')))
        .filter(|(sent, _)| sent.to_ascii_lowercase().replace(['_', '.'], "-") == name)
        .map(|(_, value)| value)
        .collect()
}

#[tokio::test]
async fn an_upstream_is_told_who_calls_and_never_the_key() {
    let behind = Behind::echo().await;
    let key = behind.edge.key();
    for (name, value) in [
        ("authorization", format!("Bearer {}", key.expose())),
        ("authorization", format!("ApiKey {}", key.expose())),
        ("x-api-key", key.expose().to_owned()),
    ] {
        let request = behind
            .edge
            .client
            .post(behind.url("/v1/documents?page=2"))
            .header(name, value)
            .header("customer-id", "acme-1")
            .body("hello");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let id = response.headers()["x-request-id"].clone();
        let id = id.to_str().unwrap();
        let got = response.text().await.unwrap();
        assert!(
            got.starts_with("POST /v1/documents?page=2 HTTP/1.1\r\n"),
            "{got}"
        );
        assert!(got.ends_with("\r\n\r\nhello"), "{got}");
        assert!(!got.contains(key.expose()), "{got}");
        let host = behind.upstream.url.strip_prefix("http://").unwrap();
        for (name, value) in [
            ("host", host),
            ("x-latchkey-key", key.id().as_str()),
            ("x-latchkey-account", "acc_7"),
            ("x-latchkey-workspace", "wsp_8"),
            ("x-latchkey-owner", "00000000-0000-0000-0000-000000000009"),
            ("x-latchkey-scope", "full"),
            ("x-latchkey-permissions", "*"),
            ("x-latchkey-request-id", id),
            ("x-request-id", id),
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-host", &*behind.at.to_string()),
            ("customer-id", "acme-1"),
            ("content-length", "5"),
        ] {
            assert_eq!(lines(&got, name), [value], "{name} in {got}");
        }
    }
}

#[tokio::test]
async fn nothing_that_a_client_says_of_itself_reaches_the_upstream() {
    let behind = Behind::echo().await;
    let key = behind.edge.key();
    let head = format!(
        "GET / HTTP/1.1\r\nhost: x\r\nx-api-key: {0}\r\nconnection: close, X-Latchkey-Account, x-forwarded-for, cookie\r\n\
         X-Latchkey-Key: forged\r\nX_Latchkey_Key: forged\r\nx.latchkey.key: forged\r\nX-Latchkey-Account:\r\nX-LATCHKEY_ACCOUNT: forged\r\n\
         x-latchkey-admin: forged\r\nX-Forwarded-For: forged\r\nX_Forwarded_For: forged\r\nForwarded: for=forged\r\nX-Real-IP: forged\r\n\
         X-Request-Id: forged\r\nX-HTTP-Method-Override: forged\r\nX-Original-URL: /forged\r\nCookie: forged\r\nx_api_key: forged\r\n\
         te: forged\r\nupgrade: forged\r\nproxy-authorization: forged\r\n\r\n",
        key.expose()
    );
    let answer = behind.raw(head.as_bytes(), 2_000).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let got = behind.upstream.only();
    assert!(!got.contains("forged"), "{got}");
    assert_eq!(lines(&got, "x-latchkey-key"), [key.id().as_str()]);
    assert_eq!(lines(&got, "x-latchkey-account"), ["acc_7"]);
    assert_eq!(lines(&got, "x-forwarded-for"), ["127.0.0.1"]);
    assert!(
        lines(&got, "connection")
            .iter()
            .all(|value| !value.contains("atchkey"))
    );
}

#[tokio::test]
async fn a_trusted_proxy_says_who_the_client_is_and_how_it_came() {
    let upstream = Upstream::echo().await;
    let mut edge = TestEdge::start();
    edge.trusted_proxies = TrustedProxies::new(vec!["127.0.0.0/8".parse().unwrap()]);
    let at = edge.gateway(&upstream.url);
    let request = edge
        .client
        .get(format!("http://{at}/"))
        .header("x-api-key", edge.key().expose())
        .header("x-forwarded-for", "198.51.100.1, 203.0.113.9")
        .header("x-forwarded-proto", "https");
    let got = text(request).await;
    assert_eq!(lines(&got, "x-forwarded-for"), ["203.0.113.9"]);
    assert_eq!(lines(&got, "x-forwarded-proto"), ["https"]);
    assert_eq!(edge.decided()[0].ip, "203.0.113.9".parse().ok());
}

#[tokio::test]
async fn a_base_path_of_the_upstream_comes_before_every_path() {
    let upstream = Upstream::echo().await;
    let mut edge = TestEdge::start();
    let at = edge.gateway(&format!("{}/api/", upstream.url));
    for (path, sent) in [("/", "/api/"), ("/v1?x=/..", "/api/v1?x=/..")] {
        let request = edge
            .client
            .get(format!("http://{at}{path}"))
            .header("x-api-key", edge.key().expose());
        let got = text(request).await;
        assert!(
            got.starts_with(&format!("GET {sent} HTTP/1.1\r\n")),
            "{got}"
        );
    }
}
