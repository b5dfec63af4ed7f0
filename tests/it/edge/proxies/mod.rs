//! The configurations of `docs/connecting.md`, each in the proxy it is for. `make test` installs
//! the proxies.

mod run;

use serde_json::Value;

use super::gateway::text;
use crate::edge::proxies::run::Proxy;
use crate::edge::proxies::run::Setting;

/// What every one of them must do.
async fn behaves(setting: &Setting, proxy: &Proxy, forged: &str) {
    tells_who_calls(setting, proxy, forged).await;
    refuses(setting, proxy).await;
    let rows = setting.edge.decided();
    let paths: Vec<&str> = rows.iter().map(|row| &*row.path).collect();
    assert_eq!(paths, ["/v1/documents", "/v1/query", "/v1", "/v1/a;b"]);
    assert!(rows.iter().all(|row| row.ip == "127.0.0.1".parse().ok()));

    setting.edge.lapse();
    let get = setting.edge.client.get(proxy.url("/v1"));
    let get = get.bearer_auth(setting.edge.key().expose());
    let lapsed = get.send().await.unwrap();
    assert_eq!(lapsed.status(), 503);
    assert_eq!(lapsed.headers()["retry-after"], "1");
    assert_eq!(setting.upstream.received.lock().len(), 2);
}

async fn tells_who_calls(setting: &Setting, proxy: &Proxy, forged: &str) {
    let key = setting.edge.key();
    let get = setting.edge.client.get(proxy.url("/v1/documents?page=2"));
    let allowed = get
        .bearer_auth(key.expose())
        .header(forged, "forged")
        .header(
            "connection",
            "keep-alive, X-Latchkey-Account, X-Latchkey-Key",
        );
    let seen = text(allowed).await.to_ascii_lowercase();
    assert!(
        seen.starts_with("get /v1/documents?page=2 http/1.1\r\n"),
        "{seen}"
    );
    assert!(!seen.contains("forged"), "{seen}");
    let (id, secret) = (key.id().to_string(), key.expose());
    assert!(!seen.contains(&secret.to_ascii_lowercase()), "{seen}");
    for line in [
        format!("x-latchkey-key: {}", id.to_ascii_lowercase()),
        "x-latchkey-account: acc_7".to_owned(),
        "x-latchkey-workspace: wsp_8".to_owned(),
        "x-latchkey-owner: 00000000-0000-0000-0000-000000000009".to_owned(),
        "x-latchkey-scope: full".to_owned(),
        "x-latchkey-permissions: *".to_owned(),
        "x-latchkey-request-id: req_".to_owned(),
    ] {
        assert!(seen.contains(&line), "{line} in {seen}");
    }
    let post = setting.edge.client.post(proxy.url("/v1/query"));
    let posted = text(post.header("x-api-key", secret).body("hello")).await;
    assert!(posted.starts_with("POST /v1/query HTTP/1.1\r\n"));
    assert!(posted.ends_with("hello"));
}

async fn refuses(setting: &Setting, proxy: &Proxy) {
    let key = setting.edge.key();
    let get = |path: &str| setting.edge.client.get(proxy.url(path));
    let invalid = get("/v1").header("x-api-key", "nonsense");
    let invalid = invalid.send().await.unwrap();
    assert_eq!(invalid.status(), 401);
    assert!(invalid.headers().contains_key("www-authenticate"));
    let id = invalid.headers()["x-request-id"].to_str().unwrap();
    assert!(id.starts_with("req_"), "{id}");
    assert_eq!(words(invalid).await, "Invalid API Key");

    let foreign = get("/v1").bearer_auth(key.expose());
    let foreign = foreign.header("customer-id", "other").send().await.unwrap();
    assert_eq!(foreign.status(), 403);
    let expected = "The customer-id is not the one of this API key";
    assert_eq!(words(foreign).await, expected);

    let ambiguous = get("/v1/a;b").bearer_auth(key.expose());
    assert_eq!(ambiguous.send().await.unwrap().status(), 400);
}

async fn words(response: reqwest::Response) -> String {
    let body: Value = response.json().await.unwrap();
    body["error"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn nginx_does_as_the_guide_says() {
    let setting = Setting::new().await;
    let proxy = setting.nginx().await;
    behaves(&setting, &proxy, "x_latchkey_scope").await;
}

#[tokio::test]
async fn caddy_does_as_the_guide_says() {
    let setting = Setting::new().await;
    let proxy = setting.caddy().await;
    behaves(&setting, &proxy, "x_latchkey_scope").await;
}

#[tokio::test]
async fn traefik_does_as_the_guide_says() {
    let setting = Setting::new().await;
    let proxy = setting.traefik().await;
    behaves(&setting, &proxy, "x-latchkey-scope").await;
}

#[tokio::test]
async fn haproxy_does_as_the_guide_says() {
    let setting = Setting::new().await;
    let proxy = setting.haproxy().await;
    behaves(&setting, &proxy, "x_latchkey_scope").await;
}
