//! A deletion on a node that keeps its calls to itself for a moment.

use reqwest::Client;

use crate::process::Filled;
use crate::process::number;
use crate::process::signed_in;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_call_that_is_not_in_the_database_yet_keeps_the_key() {
    let (filled, process) = Filled::serve().await;
    let ada = signed_in(&process).await;
    let url = format!("/w/default/developers/keys/{}/delete", &filled.key[3..15]);
    let form = ada.get(&url).await;
    assert!(form.has("main form[action$='/delete']"));
    let client = Client::new();
    let valid = filled.verify(&client, &process).await.unwrap();
    assert_eq!(valid["valid"], true);
    // Shipped about once a second: most probably the press is faster, and never deletes the key.
    let page = ada.fill_in(&form, &[]).await;
    assert_eq!(page.status, 409, "{}", page.text);
    assert!(
        page.one("[data-kept]")
            .contains("has been called meanwhile")
    );
    let valid = filled.verify(&client, &process).await.unwrap();
    assert_eq!(valid["valid"], true, "it is as it was: {valid}");
    let mut database = filled.database();
    assert_eq!(number(&mut database, "select count(*) from api_keys"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_nobody_called_with_is_deleted_and_unknown_from_then_on() {
    let (filled, process) = Filled::serve().await;
    let ada = signed_in(&process).await;
    let url = format!("/w/default/developers/keys/{}/delete", &filled.key[3..15]);
    let form = ada.get(&url).await;
    let page = ada.fill_in(&form, &[]).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let answer = filled.verify(&Client::new(), &process).await.unwrap();
    assert_eq!(answer["code"], "NOT_FOUND");
}
