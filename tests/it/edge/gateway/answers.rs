//! What the API answers, on its way back: as it was, and recorded before it is seen.

use super::Behind;
use super::refusal;
use crate::support::edge::TestEdge;

#[tokio::test]
async fn a_call_is_two_records_the_second_with_what_came_of_it() {
    let behind = Behind::answering(
        "HTTP/1.1 201 Created\r\nLatchkey-Usage: credits=2, imports=3\r\ncontent-length: 2\r\n\r\nok",
    )
    .await;
    let response = behind.get("/v1/imports?dry=1").send().await.unwrap();
    // Not one byte of the answer has been read, and both records are there.
    let [decided] = behind.edge.decided().try_into().unwrap();
    let [completed] = behind.edge.completed().try_into().unwrap();
    assert_eq!(response.status(), 201);
    assert!(!response.headers().contains_key("latchkey-usage"));
    assert_eq!(decided.path, "/v1/imports");
    assert_eq!(decided.status, None);
    assert_eq!(decided.credits, 1);
    assert_eq!(completed.request_id, decided.request_id);
    assert_eq!(completed.at, decided.at);
    assert_eq!(completed.status, 201);
    assert_eq!(completed.credits, 2);
    assert_eq!(
        response.headers()["x-request-id"],
        decided.request_id.as_str()
    );
    assert_eq!(response.text().await.unwrap(), "ok");
}

#[tokio::test]
async fn headers_come_back_but_for_the_hops_and_ours() {
    let behind = Behind::answering(
        "HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nconnection: x-hop\r\nx-hop: 1\r\n\
         keep-alive: timeout=5\r\nx-request-id: theirs\r\nX-Latchkey-Owner: somebody\r\n\
         content-encoding: gzip\r\nserver: theirs\r\ndate: Sat, 21 Nov 2026 10:00:00 GMT\r\ncontent-length: 2\r\n\r\n\x1f\x0b",
    )
    .await;
    let response = behind.get("/").send().await.unwrap();
    let headers = response.headers();
    let cookies: Vec<_> = headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    assert_eq!(headers["server"], "theirs");
    assert_eq!(headers["date"], "Sat, 21 Nov 2026 10:00:00 GMT");
    assert_eq!(headers["content-encoding"], "gzip");
    assert_eq!(headers["content-length"], "2");
    assert_eq!(headers.get_all("x-request-id").iter().count(), 1);
    assert!(
        headers["x-request-id"]
            .to_str()
            .unwrap()
            .starts_with("req_")
    );
    for name in ["x-hop", "keep-alive", "x-latchkey-owner"] {
        assert!(!headers.contains_key(name), "{name}");
    }
    assert_eq!(response.text().await.unwrap(), "\x1f\x0b");
}

#[tokio::test]
async fn answers_without_a_body_stay_without() {
    for (answer, method, status, length) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n",
            "HEAD",
            200,
            Some("5"),
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n", "DELETE", 204, None),
        (
            "HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\netag: x\r\n\r\n",
            "GET",
            304,
            Some("5"),
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            "GET",
            200,
            Some("0"),
        ),
    ] {
        let behind = Behind::answering(answer).await;
        let key = behind.edge.key();
        // Twice on one connection: nothing of the first answer may stick to the second.
        let once = format!(
            "{method} /a HTTP/1.1\r\nhost: x\r\nx-api-key: {}\r\n",
            key.expose()
        );
        let both = format!("{once}\r\n{once}connection: close\r\n\r\n");
        let answers = behind.raw(both.as_bytes(), 2_000).await;
        assert_eq!(
            answers.matches(&format!("HTTP/1.1 {status} ")).count(),
            2,
            "{answers}"
        );
        assert!(answers.ends_with("\r\n\r\n"), "{answers}");
        match length {
            Some(length) => assert!(answers.contains(&format!("content-length: {length}\r\n"))),
            None => assert!(!answers.contains("content-length"), "{answers}"),
        }
    }
}

#[tokio::test]
async fn an_answer_of_any_length_reaches_an_old_client_whole() {
    let chunked =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    let behind = Behind::answering(chunked).await;
    let key = behind.edge.key();
    let old = format!(
        "GET / HTTP/1.0\r\nhost: x\r\nx-api-key: {}\r\n\r\n",
        key.expose()
    );
    let answer = behind.raw(old.as_bytes(), 2_000).await;
    assert!(answer.ends_with("\r\n\r\nabcde"), "{answer}");
    assert!(!answer.contains("chunked"), "{answer}");
}

#[tokio::test]
async fn an_api_that_is_away_or_speaks_no_http_is_502() {
    let words = r#"{"error":"The API behind this gateway did not answer"}"#.to_owned();
    let mut edge = TestEdge::start();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let at = edge.gateway(&url);
    let request = edge.client.get(format!("http://{at}/"));
    let request = request.bearer_auth(edge.key().expose());
    assert_eq!(
        refusal(request.send().await.unwrap()).await,
        (502, words.clone())
    );
    let [completed] = edge.completed().try_into().unwrap();
    assert_eq!((completed.status, completed.credits), (502, 0));

    let endless = format!("HTTP/1.1 200 OK\r\nx-long: {}", "a".repeat(200_000));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x-many: 1\r\n".repeat(500));
    for answer in [
        "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        &endless,
        &many,
    ] {
        let behind = Behind::answering(answer).await;
        let response = behind.get("/").send().await.unwrap();
        assert_eq!(
            refusal(response).await,
            (502, words.clone()),
            "{answer:.60}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_breaks_off_for_the_caller_too() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\nconnection: close\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
    ] {
        let upstream = crate::support::upstream::Upstream::speaking(move |mut stream| async move {
            crate::support::upstream::read_request(&mut stream).await;
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, answer.as_bytes()).await;
        })
        .await;
        let behind = Behind::of(upstream);
        let response = behind.get("/").send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.bytes().await.is_err(), "{answer}");
    }
}
