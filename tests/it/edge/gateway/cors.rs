//! What browsers ask on behalf of pages, and what they find in our answers.

use chrono::TimeDelta;
use latchkey::domain::key_state::KeyTimes;
use latchkey::domain::network::Network;
use reqwest::Method;
use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;

use super::Behind;

const PAGE: &str = "https://app.example";
const OTHER: &str = "https://other.example";

fn of_page(behind: &Behind, times: KeyTimes) -> String {
    let network = Network {
        origins: [PAGE.into()].into(),
        ..Network::default()
    };
    behind.edge.key_from(times, network).expose().to_owned()
}

fn preflight(behind: &Behind, origin: &str) -> RequestBuilder {
    let request = behind
        .edge
        .client
        .request(Method::OPTIONS, behind.url("/v1/query"));
    let request = request.header("origin", origin);
    request.header("access-control-request-method", "POST")
}

/// The lines of CORS among them, by name.
fn said(headers: &HeaderMap) -> Vec<String> {
    let mut names: Vec<String> = headers.keys().map(ToString::to_string).collect();
    names.retain(|name| name.starts_with("access-control-"));
    names.sort();
    names
}

#[tokio::test]
async fn a_preflight_is_answered_for_the_origins_that_keys_allow() {
    let behind = Behind::echo().await;
    of_page(&behind, KeyTimes::default());
    let asked = "X-Api-Key, x-trace, bad name, content-type,";
    let request = preflight(&behind, PAGE).header("access-control-request-headers", asked);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 204);
    let headers = answer.headers();
    assert_eq!(headers["access-control-allow-origin"], PAGE);
    assert_eq!(
        headers["access-control-allow-methods"],
        "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
    );
    assert_eq!(
        headers["access-control-allow-headers"],
        "authorization, x-api-key, customer-id, content-type, x-trace"
    );
    assert_eq!(headers["access-control-max-age"], "600");
    assert!(headers["vary"].to_str().unwrap().starts_with("Origin, "));
    assert!(headers.contains_key("x-request-id"));

    for origin in [
        OTHER,
        "null",
        "https://app.example:444",
        "https://app.example/",
    ] {
        let answer = preflight(&behind, origin).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{origin}");
        assert!(said(answer.headers()).is_empty(), "{origin}");
    }
    assert!(behind.upstream.received.lock().is_empty());
    assert!(behind.edge.decided().is_empty());
}

#[tokio::test]
async fn keys_that_ended_allow_nothing() {
    let behind = Behind::echo().await;
    let ended = Some(behind.edge.now() - TimeDelta::seconds(1));
    let none = KeyTimes::default();
    for times in [
        KeyTimes {
            revoked_at: ended,
            ..none
        },
        KeyTimes {
            disabled_at: ended,
            ..none
        },
        KeyTimes {
            expires_at: ended,
            ..none
        },
    ] {
        of_page(&behind, times);
    }
    let status = |answer: reqwest::Response| answer.status().as_u16();
    assert_eq!(status(preflight(&behind, PAGE).send().await.unwrap()), 403);
    let later = Some(behind.edge.now() + TimeDelta::hours(1));
    let times = KeyTimes {
        expires_at: later,
        ..none
    };
    let key = of_page(&behind, times);
    assert_eq!(status(preflight(&behind, PAGE).send().await.unwrap()), 204);
    let id = key.split('_').nth(1).unwrap().parse().unwrap();
    behind.edge.mirror.tables().remove_key(id);
    assert_eq!(status(preflight(&behind, PAGE).send().await.unwrap()), 403);
}

#[tokio::test]
async fn answers_and_refusals_are_readable_by_the_pages_of_the_key_only() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\naccess-control-allow-origin: *\r\n\
                  access-control-allow-credentials: true\r\nvary: accept\r\n\r\nok";
    let behind = Behind::answering(answer).await;
    let key = of_page(&behind, KeyTimes::default());
    let get = |origin: &str, key: &str| {
        let get = behind.edge.client.get(behind.url("/v1/query"));
        get.header("origin", origin).bearer_auth(key)
    };
    let allowed = get(PAGE, &key).send().await.unwrap();
    assert_eq!(allowed.status(), 200);
    let wanted = [
        "access-control-allow-origin",
        "access-control-expose-headers",
    ];
    assert_eq!(said(allowed.headers()), wanted);
    assert_eq!(allowed.headers()["access-control-allow-origin"], PAGE);
    let vary = allowed.headers().get_all("vary").iter();
    let vary: Vec<_> = vary.map(|value| value.to_str().unwrap()).collect();
    assert_eq!(vary, ["accept", "Origin"]);

    let refused = get(PAGE, &key).header("customer-id", "other");
    let refused = refused.send().await.unwrap();
    assert_eq!(refused.status(), 403);
    assert_eq!(said(refused.headers()), wanted);
    let unknown = get(PAGE, "nonsense").send().await.unwrap();
    assert_eq!(
        (unknown.status().as_u16(), said(unknown.headers()).len()),
        (401, 2)
    );

    let other = get(OTHER, &key).send().await.unwrap();
    assert_eq!(other.status(), 403);
    assert!(said(other.headers()).is_empty());
    assert_eq!(other.headers()["vary"], "Origin");
    let stranger = get(OTHER, "nonsense").send().await.unwrap();
    assert!(said(stranger.headers()).is_empty());
}

#[tokio::test]
async fn a_key_that_speaks_of_no_pages_leaves_them_to_the_api() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\naccess-control-allow-origin: *\r\n\r\nok";
    let behind = Behind::answering(answer).await;
    let answer = behind
        .get("/")
        .header("origin", OTHER)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert!(!answer.headers().contains_key("vary"));
}

#[tokio::test]
async fn options_with_a_key_is_a_request_like_others() {
    let behind = Behind::echo().await;
    let key = behind.edge.key();
    let request = preflight(&behind, OTHER).bearer_auth(key.expose());
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert_eq!(behind.upstream.received.lock().len(), 1);
    let options = behind.edge.client.request(Method::OPTIONS, behind.url("/"));
    assert_eq!(options.send().await.unwrap().status(), 401);
}
