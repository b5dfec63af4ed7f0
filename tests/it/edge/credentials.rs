//! Which key a request carries, and when it carries one too many.

use actix_web::http::header::HeaderMap;
use actix_web::http::header::HeaderName;
use actix_web::http::header::HeaderValue;
use latchkey::domain::decision::DenyReason;
use latchkey::edge::credentials;
use latchkey::edge::credentials::KeyInQuery;
use percent_encoding::NON_ALPHANUMERIC;
use proptest::prelude::*;

use crate::support::edge::TestEdge;
use crate::support::edge::plain_key;
use crate::support::edge::prefix;

fn headers(lines: &[(&str, &[u8])]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_bytes(value).unwrap(),
        );
    }
    headers
}

fn found(headers: &HeaderMap) -> Result<Option<&str>, DenyReason> {
    credentials::of(headers).map(|sent| sent.map(|credential| credential.secret))
}

#[test]
fn one_key_is_found_wherever_it_may_stand() {
    for lines in [
        [("authorization", b"Bearer K".as_slice())].as_slice(),
        &[("authorization", b"bearer K")],
        &[("authorization", b"BEARER   K ")],
        &[("authorization", b"ApiKey K")],
        &[("authorization", b"APIKEY K")],
        &[("x-api-key", b"K")],
        &[("x-api-key", b" K\t")],
        &[("authorization", b"Bearer K"), ("x-api-key", b"K")],
        &[("authorization", b""), ("x-api-key", b"K")],
        &[("authorization", b"ApiKey K"), ("x-api-key", b"")],
    ] {
        assert_eq!(found(&headers(lines)), Ok(Some("K")), "{lines:?}");
    }
}

#[test]
fn no_key_is_none_and_what_cannot_be_one_is_no_key_of_ours() {
    assert_eq!(found(&headers(&[])), Ok(None));
    assert_eq!(found(&headers(&[("x-api-key", b"")])), Ok(None));
    for value in [
        b"Basic K".as_slice(),
        b"K",
        b"Bearer",
        b"Bearer\tK",
        b"\xff\xfe",
    ] {
        let headers = headers(&[("authorization", value)]);
        let found = found(&headers);
        assert_ne!(found, Ok(Some("K")), "{value:?}");
        assert_ne!(found, Ok(None), "{value:?}");
    }
}

#[test]
fn two_credentials_are_refused() {
    for lines in [
        [
            ("authorization", b"Bearer K".as_slice()),
            ("x-api-key", b"L"),
        ],
        [("authorization", b"Basic K"), ("x-api-key", b"K")],
        [
            ("authorization", b"Bearer K"),
            ("authorization", b"Bearer L"),
        ],
        [
            ("authorization", b"Bearer K"),
            ("authorization", b"Bearer K"),
        ],
        [
            ("authorization", b"Bearer K"),
            ("authorization", b"Basic L"),
        ],
        [("x-api-key", b"K"), ("x-api-key", b"L")],
        [("x-api-key", b"K"), ("x-api-key", b"K")],
    ] {
        assert_eq!(
            found(&headers(&lines)),
            Err(DenyReason::TwoCredentials),
            "{lines:?}"
        );
    }
}

fn percent(letter: char) -> String {
    format!("%{:02X}", u32::from(letter))
}

#[test]
fn a_key_in_a_query_is_found_however_it_is_hidden() {
    let key = plain_key();
    let secret = key.expose();
    let encoded: String =
        percent_encoding::percent_encode(secret.as_bytes(), NON_ALPHANUMERIC).collect();
    let everything: String = secret.chars().map(percent).collect();
    for query in [
        format!("api_key={secret}"),
        format!("x={secret}&y=1"),
        format!("x=1&{secret}"),
        format!("{secret}=1"),
        format!("x=before{secret}after"),
        format!("x={encoded}"),
        format!("x={everything}"),
        format!("q[]=Bearer+{secret}"),
    ] {
        let found = credentials::in_query(&prefix(), &query);
        assert!(
            matches!(found, KeyInQuery::Sound(text) if text == secret),
            "{query}"
        );
    }
    let mistyped = secret.replace('_', "_x").replacen("_x", "_", 2);
    let broken = format!("Access_Token={}", &mistyped[..mistyped.len() - 1]);
    assert!(matches!(
        credentials::in_query(&prefix(), &broken),
        KeyInQuery::Broken
    ));
    for query in [
        "",
        "page=2",
        "token=abc",
        "api_key=none",
        "q=lk_",
        "%",
        "%zz=%f",
    ] {
        let found = credentials::in_query(&prefix(), query);
        assert!(matches!(found, KeyInQuery::None), "{query}");
    }
}

#[tokio::test]
async fn faults_are_answered_with_their_words() {
    let edge = TestEdge::start();
    let (one, other) = (edge.key(), edge.key());
    let url = edge.url("/v1/keys/self");
    let two = edge
        .client
        .get(&url)
        .bearer_auth(one.expose())
        .header("x-api-key", other.expose());
    let in_url = edge
        .client
        .get(format!("{url}?api_key={}", one.expose()))
        .header("x-api-key", other.expose());
    let alone = edge.client.get(&url);
    let customer = edge
        .client
        .get(&url)
        .bearer_auth(one.expose())
        .header("customer-id", "somebody");
    for (request, status, body) in [
        (two, 400, r#"{"error":"Send one API key in one header"}"#),
        (
            in_url,
            400,
            r#"{"error":"Send the API key in a header, not in the URL"}"#,
        ),
        (alone, 401, r#"{"error":"Invalid API Key"}"#),
        (
            customer,
            403,
            r#"{"error":"The customer-id is not the one of this API key"}"#,
        ),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.text().await.unwrap(), body);
    }
    // The key that leaked into the URL is the one whose log says so.
    let rows: Vec<_> = edge
        .decided()
        .into_iter()
        .map(|row| (row.key, row.denied, row.path.into_owned()))
        .collect();
    let path = "/v1/keys/self".to_owned();
    assert_eq!(
        rows,
        [
            (one.id(), Some(DenyReason::KeyInUrl), path.clone()),
            (one.id(), Some(DenyReason::CustomerMismatch), path),
        ]
    );
}

proptest! {
    #[test]
    fn no_header_makes_it_panic(
        authorization in proptest::collection::vec(32_u8..=255, 0..150),
        key in proptest::collection::vec(32_u8..=255, 0..150),
        query in "[ -~]{0,80}",
    ) {
        let mut lines = Vec::new();
        if HeaderValue::from_bytes(&authorization).is_ok() {
            lines.push(("authorization", authorization.as_slice()));
        }
        if HeaderValue::from_bytes(&key).is_ok() {
            lines.push(("x-api-key", key.as_slice()));
        }
        let headers = headers(&lines);
        let _ = found(&headers);
        credentials::service(&headers);
        credentials::in_query(&prefix(), &query);
    }
}
