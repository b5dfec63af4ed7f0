//! A rotation as callers meet it.

use reqwest::Client;

use crate::process::Filled;
use crate::process::number;
use crate::process::signed_in;
use crate::process::wait_until;
use crate::support::process::Process;

const CAP: usize = 3;

/// The code that the verify API answers to the secret.
async fn code(filled: &mut Filled, process: &Process, secret: &str) -> String {
    secret.clone_into(&mut filled.key);
    let answer = filled.verify(&Client::new(), process).await.unwrap();
    answer["code"].as_str().unwrap().to_owned()
}

/// Gives the key its cap; back when the node knows it.
async fn limit(filled: &Filled, cap: usize) {
    let mut database = filled.database();
    diesel::connection::SimpleConnection::batch_execute(
        &mut database,
        &format!(
            "insert into key_limits (account_id, key_id, total)
             select account_id, id, {cap} from api_keys"
        ),
    )
    .unwrap();
    let known = "((select min(applied_seq) from nodes) >= (select max(seq) from key_changes))::int";
    wait_until("the node knows it", || number(&mut database, known) == 1).await;
}

/// The new secret, from the page of a rotation.
async fn rotate(filled: &Filled, process: &Process, fields: &[(&str, &str)]) -> String {
    let ada = signed_in(process).await;
    let path = format!("/w/default/developers/keys/{}/rotate", &filled.key[3..15]);
    let form = ada.get(&path).await;
    let hidden = |name: &str| form.attribute(&format!("main form [name={name}]"), "value");
    let (operation, version) = (hidden("operation"), hidden("version"));
    let mut all = vec![("operation", &*operation), ("version", &*version)];
    all.extend(fields);
    let page = ada.fill_in(&form, &all).await;
    assert_eq!(page.status, 201, "{}", page.text);
    page.one("#secret")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_secrets_work_in_the_overlap_and_share_what_the_key_may_spend() {
    let (mut filled, process) = Filled::serve().await;
    limit(&filled, CAP).await;
    let old = filled.key.clone();
    assert_eq!(code(&mut filled, &process, &old).await, "VALID");
    let new = rotate(&filled, &process, &[("overlap", "1h")]).await;
    assert_eq!(code(&mut filled, &process, &new).await, "VALID");
    assert_eq!(code(&mut filled, &process, &old).await, "VALID");
    for secret in [&new, &old] {
        let spent = code(&mut filled, &process, secret).await;
        assert_eq!(spent, "QUOTA_TOTAL", "a rotation bought no fresh quota");
    }
    let mut database = filled.database();
    let counted = "select count(*) from key_secrets where last_used_at is not null
                   and requests = case generation when 1 then 3 else 2 end";
    wait_until("each has its own count", || {
        number(&mut database, counted) == 2
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_call_after_the_page_is_refused_with_a_secret_that_ended() {
    let (mut filled, process) = Filled::serve().await;
    let first = filled.key.clone();
    let second = rotate(&filled, &process, &[("overlap", "now")]).await;
    assert_eq!(code(&mut filled, &process, &first).await, "REVOKED");
    assert_eq!(code(&mut filled, &process, &second).await, "VALID");

    // The third takes the second's place, which was current; the first has long been over.
    let third = rotate(&filled, &process, &[("overlap", "24h")]).await;
    let dropped = [("overlap", "24h"), ("drop", "current")];
    let fourth = rotate(&filled, &process, &dropped).await;
    let codes = [
        (&first, "NOT_FOUND"),
        (&second, "VALID"),
        (&third, "NOT_FOUND"),
        (&fourth, "VALID"),
    ];
    for (secret, expected) in codes {
        assert_eq!(code(&mut filled, &process, secret).await, expected);
    }
}
