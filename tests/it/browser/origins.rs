//! A key in a web page: a real browser calls through the gateway from other origins.

use serde_json::Value;
use serde_json::json;

use crate::browser::Place;
use crate::support::upstream::Upstream;

const PAGE: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 29\r\n\r\n\
    <!doctype html><title>.</title>";

/// A page somewhere else, by an address that is no IP address.
fn origin(page: &Upstream) -> String {
    page.url.replace("127.0.0.1", "localhost")
}

impl Place {
    /// What a script in the browser's page gets of a call with a header that no form can send.
    async fn fetch(&self, path: &str, secret: &str) -> Value {
        let url = format!("{}{path}", self.latchkey.gateway());
        let script = format!(
            "fetch({url:?}, {{headers: {{authorization: 'Bearer {secret}', 'x-trace': '1'}}}})
                .then(async (answer) => [answer.status, await answer.text(),
                    answer.headers.get('x-request-id') !== null])
                .catch((error) => error.name)"
        );
        self.browser.run(&script).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_page_of_an_allowed_origin_reads_answers_and_refusals_and_others_read_nothing() {
    let place = Place::fresh().await;
    place.set_up().await;
    let (mine, other) = (
        Upstream::answering(PAGE).await,
        Upstream::answering(PAGE).await,
    );
    let browser = &place.browser;
    place.goto("/w/default/developers/keys/new").await;
    browser.fill("#name", "Web page").await;
    browser.click("[name=scope][value=full]").await;
    browser
        .run("document.querySelectorAll('details').forEach((folded) => { folded.open = true; })")
        .await;
    let origins = format!("https://app.example\n{}", origin(&mine));
    browser.fill("#allowed_origins", &origins).await;
    browser.fill("#quota_daily", "2").await;
    browser.click("main form [data-submit]").await;
    let secret = browser.text("#secret").await;

    browser.goto(&origin(&other)).await;
    let closed = place.fetch("/api/documents", &secret).await;
    assert_eq!(
        closed,
        json!("TypeError"),
        "the browser asked first and was told no"
    );

    browser.goto(&origin(&mine)).await;
    for _ in 0..2 {
        let answer = place.fetch("/api/documents", &secret).await;
        assert_eq!(
            (&answer[0], &answer[2]),
            (&json!(200), &json!(true)),
            "{answer}"
        );
        assert!(
            answer[1].as_str().unwrap().contains("documents"),
            "{answer}"
        );
    }
    // The page can read why it is refused.
    let refused = place.fetch("/api/documents", &secret).await;
    assert_eq!(refused[0], json!(401), "{refused}");
    let words = json!(r#"{"error":"Rate limit exceeded: quota daily"}"#);
    assert_eq!(refused[1], words);
    browser.driver.clone().quit().await.unwrap();
}
