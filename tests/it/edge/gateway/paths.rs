//! Paths: one reading, or none at all. `src/edge/path/tests.rs` holds the larger corpus.

use latchkey::domain::decision::DenyReason;

use super::Behind;

#[tokio::test]
async fn a_path_with_two_readings_is_refused_and_its_owner_sees_it() {
    let behind = Behind::echo().await;
    let key = behind.edge.key();
    let paths = [
        "/../admin",
        "/v1/../admin",
        "/v1/./x",
        "/v1/..",
        "/v1/.",
        "/v1/%2e%2e/admin",
        "/v1/%2E./admin",
        "//admin",
        "/v1//x",
        "/v1%2fadmin",
        "/v1/..%2fadmin",
        "/v1/..%5cadmin",
        "/v1/..\\admin",
        "/v1\\admin",
        "/v1/x;/../admin",
        "/v1;admin",
        "/v1/%252e%252e/admin",
        "/v1/%00",
        "/%61dmin",
        "/admin.",
        "/admin%2e",
        "/v1/%c0%ae%c0%ae/admin",
        "/v1/%ff",
        "/v1/%0d%0aX:1",
        "/v1/%zz",
        "*",
    ];
    for path in paths {
        let head = format!(
            "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-api-key: {}\r\n\r\n",
            key.expose()
        );
        let answer = behind.raw(head.as_bytes(), 2_000).await;
        assert!(
            answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
            "{path}: {answer}"
        );
        assert!(
            answer.ends_with(r#"{"error":"The path can be read in more than one way"}"#),
            "{path}: {answer}"
        );
    }
    assert!(behind.upstream.received.lock().is_empty());
    let rows = behind.edge.decided();
    assert_eq!(rows.len(), paths.len());
    assert!(
        rows.iter()
            .all(|row| row.denied == Some(DenyReason::AmbiguousPath))
    );
}

#[tokio::test]
async fn what_passes_reaches_the_upstream_letter_by_letter() {
    let behind = Behind::echo().await;
    let key = behind.edge.key();
    for path in [
        "/",
        "/v1/documents/",
        "/a%20b/%C3%A9",
        "/a%3Fb",
        "/.well-known/x",
        "/x?a=/../b&c=%2e%2e&d=//;",
        "/x?",
        "/A/b",
        "/a:b@c!$&'()*+,=~",
    ] {
        let head = format!(
            "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-api-key: {}\r\n\r\n",
            key.expose()
        );
        let answer = behind.raw(head.as_bytes(), 2_000).await;
        assert!(
            answer.contains(&format!("\r\n\r\nGET {path} HTTP/1.1\r\n")),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_fragment_never_travels_and_is_not_decided_on() {
    let behind = Behind::echo().await;
    let key = behind.edge.key();
    let head = format!(
        "GET /a#/../b HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-api-key: {}\r\n\r\n",
        key.expose()
    );
    let answer = behind.raw(head.as_bytes(), 2_000).await;
    // Cut off by the parser of requests before anybody reads it: what is decided on is what is sent.
    if answer.starts_with("HTTP/1.1 200 ") {
        assert!(behind.upstream.only().starts_with("GET /a HTTP/1.1\r\n"));
        assert_eq!(behind.edge.decided()[0].path, "/a");
    } else {
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
}

#[tokio::test]
async fn an_absolute_url_must_name_the_host_that_the_header_names() {
    let behind = Behind::echo().await;
    let key = behind.edge.key();
    for (url, hosts, status) in [
        ("http://x/a", "host: x\r\n", 200),
        ("http://X/a", "host: x\r\n", 200),
        ("http://y/a", "host: x\r\n", 400),
        ("http://x:80/a", "host: x\r\n", 400),
        ("http://x/a", "", 400),
        ("/a", "host: x\r\nhost: y\r\n", 400),
        ("/a", "host: x\r\nhost: x\r\n", 400),
    ] {
        let head = format!(
            "GET {url} HTTP/1.1\r\n{hosts}connection: close\r\nx-api-key: {}\r\n\r\n",
            key.expose()
        );
        let answer = behind.raw(head.as_bytes(), 2_000).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{url} {hosts:?}: {answer}"
        );
    }
    for request in behind.upstream.received.lock().iter() {
        assert!(request.starts_with("GET /a HTTP/1.1\r\n"), "{request}");
    }
}
