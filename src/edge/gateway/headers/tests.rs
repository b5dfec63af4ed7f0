use proptest::prelude::*;

use super::*;

fn client(lines: &[(&str, &str)]) -> incoming::HeaderMap {
    let mut headers = incoming::HeaderMap::new();
    for (name, value) in lines {
        headers.append(
            incoming::HeaderName::from_bytes(name.as_bytes()).unwrap(),
            incoming::HeaderValue::from_str(value).unwrap(),
        );
    }
    headers
}

fn names(headers: &HeaderMap) -> Vec<&str> {
    headers.keys().map(HeaderName::as_str).collect()
}

#[test]
fn nothing_that_speaks_for_us_or_for_the_hop_goes_on() {
    for name in [
        "authorization",
        "Authorization",
        "x-api-key",
        "X_API_KEY",
        "x.api.key",
        "x-api_key",
        "host",
        "expect",
        "forwarded",
        "x-real-ip",
        "x_real_ip",
        "x-request-id",
        "x-http-method-override",
        "X_HTTP_Method_Override",
        "x-http-method",
        "x-method-override",
        "x-original-url",
        "x-rewrite-url",
        "x-original-uri",
        "x-forwarded-for",
        "x_forwarded_for",
        "X.Forwarded.For",
        "x-forwarded-proto",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-anything",
        "x-latchkey-key",
        "X-LATCHKEY-KEY",
        "x_latchkey_key",
        "x.latchkey.key",
        "x-latchkey_account",
        "x_latchkey-account",
        "x-latchkey.scope",
        "x-latchkey-anything",
        "x-latchkey",
        "x_latchkey",
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "transfer_encoding",
        "upgrade",
        "http2-settings",
    ] {
        let onward = forwarded(&client(&[(name, "x"), ("accept", "y")]));
        assert_eq!(names(&onward), ["accept"], "{name}");
    }
}

#[test]
fn what_connection_names_stays_behind_in_any_spelling() {
    let onward = forwarded(&client(&[
        ("connection", "Keep-Alive, X-One , x_two"),
        ("connection", "x.three,,"),
        ("x-one", "1"),
        ("x-two", "2"),
        ("x_three", "3"),
        ("x-four", "4"),
    ]));
    assert_eq!(names(&onward), ["x-four"]);
}

#[test]
fn everything_else_goes_on_as_it_came_repeated_lines_too() {
    let onward = forwarded(&client(&[
        ("cookie", "a=1"),
        ("cookie", "b=2"),
        ("content-length", "5"),
        ("content-type", "text/plain"),
        ("customer-id", "acme-1"),
        ("x_own", "ü"),
        ("user-agent", ""),
    ]));
    let cookies: Vec<_> = onward.get_all("cookie").iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    assert_eq!(onward.len(), 7);
    assert_eq!(onward["x_own"].as_bytes(), "ü".as_bytes());
}

#[test]
fn of_an_answer_everything_comes_back_but_the_hops_and_ours() {
    let mut answer = HeaderMap::new();
    for (name, value) in [
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("connection", "close, x-hop"),
        ("x-hop", "1"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("content-length", "5"),
        ("latchkey-usage", "credits=2"),
        ("x-latchkey-owner", "somebody"),
        ("x-request-id", "theirs"),
        ("etag", "\"x\""),
    ] {
        answer.append(name, HeaderValue::from_static(value));
    }
    let mut back = Vec::new();
    for_each_returned(&answer, |name, value| {
        back.push(format!("{name}: {}", value.to_str().unwrap()));
    });
    assert_eq!(back, ["set-cookie: a=1", "set-cookie: b=2", "etag: \"x\""]);
}

proptest! {
    /// However a name is spelt, a server that knows only hyphens never reads it as one of ours.
    #[test]
    fn no_spelling_reaches_the_upstream(
        spelling in "[xX][-_.][lL][aA][tT][cC][hH][kK][eE][yY]([-_.][a-zA-Z]{1,10}){0,3}",
        value in "[ -~]{0,20}",
    ) {
        let onward = forwarded(&client(&[(&spelling, &value), ("connection", &spelling)]));
        prop_assert!(onward.is_empty());
    }

    #[test]
    fn any_headers_are_read_without_panic(
        lines in proptest::collection::vec(("[a-zA-Z0-9._-]{1,20}", "[ -~]{0,30}"), 0..20),
    ) {
        let lines: Vec<(&str, &str)> = lines.iter().map(|(name, value)| (&**name, &**value)).collect();
        let onward = forwarded(&client(&lines));
        for name in onward.keys() {
            prop_assert!(!normalised(name.as_str()).starts_with("x-latchkey"));
        }
    }
}
