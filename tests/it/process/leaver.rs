//! What inherits from somebody who leaves: the call after the page is judged by it.

use diesel::connection::SimpleConnection;
use reqwest::Client;
use serde_json::Value;

use crate::process::Filled;
use crate::process::signed_in;
use crate::support::callers::Caller;

const GRACE: &str = "00000000-0000-4000-8000-00000000000a";
const HENRY: &str = "00000000-0000-4000-8000-00000000000b";

/// Grace and Henry, developers; the one key is hers and inherits.
const STATE: &str = "
insert into users (id, email, email_folded, name, created_at) values
    ('00000000-0000-4000-8000-00000000000a', 'grace@acme.example', 'grace@acme.example', 'Grace', now()),
    ('00000000-0000-4000-8000-00000000000b', 'henry@acme.example', 'henry@acme.example', 'Henry', now());
insert into memberships (account_id, user_id, role, created_at)
    select a.id, u.id, 'member', now() from accounts a, users u where u.name in ('Grace', 'Henry');
insert into workspace_memberships (account_id, workspace_id, user_id, role, created_at)
    select w.account_id, w.id, u.id, 'developer', now() from workspaces w, users u
    where u.name in ('Grace', 'Henry');
update api_keys set preset = 'inherit', created_by = '00000000-0000-4000-8000-00000000000a';
";

async fn remove(owner: &Caller, answer: &[(&str, &str)]) {
    let asked = owner.get(&format!("/account/members/{GRACE}/remove")).await;
    let was = asked.attribute("main form input[name=was]", "value");
    let mut fields = vec![("was", was.as_str())];
    fields.extend(answer);
    let done = owner.fill_in(&asked, &fields).await;
    assert_eq!(done.status, 303, "{}", done.text);
}

/// The answer once a node has heard of what was written beside the console; of nobody's key, `""`.
async fn owned_by(
    filled: &Filled,
    process: &crate::support::process::Process,
    owner: &str,
) -> Value {
    let client = Client::new();
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
    loop {
        let answer = filled.verify(&client, process).await.unwrap();
        if answer["valid"] == true && answer["owner"]["id"].as_str().unwrap_or("") == owner {
            return answer;
        }
        assert!(std::time::Instant::now() < deadline, "{answer}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_inherits_from_a_leaver_is_refused_when_the_page_says_so() {
    let (filled, process) = Filled::serve().await;
    filled.database().batch_execute(STATE).unwrap();
    let answer = owned_by(&filled, &process, GRACE).await;
    assert_eq!(answer["scope"], "inherit");
    let owner = signed_in(&process).await;
    remove(&owner, &[("keys", "keep")]).await;
    let answer = filled.verify(&Client::new(), &process).await.unwrap();
    assert_eq!(answer["code"], "INSUFFICIENT_SCOPE", "{answer}");
    assert_eq!(answer["missing"], "its owner is no longer a member");
    let said = owner.get("/account/members").await.one(".flash");
    assert!(said.contains("No node has accepted it since"), "{said}");

    // With a scope of its own the service key works, and is nobody's.
    filled
        .database()
        .batch_execute("update api_keys set preset = 'full'")
        .unwrap();
    owned_by(&filled, &process, "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_handed_over_does_what_its_new_owner_may() {
    let (filled, process) = Filled::serve().await;
    filled.database().batch_execute(STATE).unwrap();
    owned_by(&filled, &process, GRACE).await;
    let owner = signed_in(&process).await;
    remove(&owner, &[("keys", "hand-over"), ("to", HENRY)]).await;
    let client = Client::new();
    let answer = filled.verify(&client, &process).await.unwrap();
    assert_eq!(answer["valid"], true, "{answer}");
    assert_eq!(answer["owner"]["email"], "henry@acme.example");
    assert_eq!(answer["permissions"], serde_json::json!(["*"]));
    let asked = owner
        .get(&format!("/w/default/members/{HENRY}/role?role=viewer"))
        .await;
    let fields = [("was", "developer"), ("role", "viewer")];
    assert_eq!(owner.fill_in(&asked, &fields).await.status, 303);
    let answer = filled.verify(&client, &process).await.unwrap();
    let shrunk = answer["permissions"].as_array().unwrap();
    assert!(!shrunk.contains(&Value::from("*")), "{answer}");
}
