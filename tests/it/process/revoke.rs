//! When the page says revoked, the very next call is refused.

use reqwest::Client;

use crate::process::Filled;
use crate::process::number;
use crate::process::signed_in;
use crate::process::wait_until;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_call_after_the_revoke_page_is_refused() {
    let (filled, process) = Filled::serve().await;
    let client = Client::new();
    assert_eq!(
        filled.verify(&client, &process).await.unwrap()["valid"],
        true
    );
    let id = filled.key[3..15].to_owned();
    let mut database = filled.database();
    wait_until("the call is in the log", || {
        number(&mut database, "select count(*) from request_log") == 1
    })
    .await;

    let ada = signed_in(&process).await;
    let path = format!("/w/default/developers/keys/{id}/revoke");
    let last_four = &filled.key[filled.key.len() - 4..];
    let page = ada
        .submit(&path, &[("confirm", last_four), ("reason", "unused")])
        .await;
    assert_eq!(page.status, 303, "{}", page.text);
    let answer = filled.verify(&client, &process).await.unwrap();
    assert_eq!(answer["valid"], false);
    assert_eq!(answer["code"], "REVOKED");
    assert_eq!(answer["error"], "Inactive API Key");

    let list = ada.get(page.location()).await;
    assert!(
        list.texts(".flash")
            .concat()
            .contains("No node has accepted it since"),
        "{}",
        list.text
    );
    let audited = "select count(*) from audit_log where action = 'key.revoked'";
    assert_eq!(number(&mut database, audited), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_ends_itself_and_is_refused_from_then_on() {
    let (filled, process) = Filled::serve().await;
    let client = Client::new();
    let url = format!("{}/v1/keys/self", process.api());
    let ended = client
        .delete(&url)
        .header("x-api-key", &filled.key)
        .send()
        .await
        .unwrap();
    assert_eq!(ended.status(), 200, "{}", ended.text().await.unwrap());
    let again = client
        .get(&url)
        .header("x-api-key", &filled.key)
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), 401);
    assert_eq!(
        again.text().await.unwrap(),
        r#"{"error":"Inactive API Key"}"#
    );
}
