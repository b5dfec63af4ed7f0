//! What a key may do: each of the products whose words Latchkey keeps, told by the built-in
//! catalogue and asked of the decision.

use latchkey::crypto::key_secret::PlainKey;
use latchkey::domain::catalogue;
use latchkey::domain::catalogue::Catalogue;
use latchkey::domain::role::AccountRole;
use latchkey::domain::role::WorkspaceRole;
use latchkey::verify::Ask;
use latchkey::verify::grant;
use serde_json::Value;
use serde_json::json;

use crate::support::edge::TestEdge;

const LEFT: &str = "its owner is no longer a member";

impl TestEdge {
    async fn ask(&self, key: &PlainKey, mut question: Value) -> Value {
        question["key"] = json!(key.expose());
        let response = self.verify(question.to_string()).await;
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    /// What was missing for `route`, such as `GET /v1/x`; `None` if the key may call it.
    async fn missing_for(&self, key: &PlainKey, route: &str) -> Option<String> {
        let (method, path) = route.split_once(' ').unwrap();
        let question = json!({ "method": method, "path": path });
        missing(&self.ask(key, question).await)
    }

    async fn may_call(&self, key: &PlainKey, routes: &[&str]) {
        for route in routes {
            assert_eq!(self.missing_for(key, route).await, None, "{route}");
        }
    }

    async fn may_not_call(&self, key: &PlainKey, routes: &[&str]) {
        for route in routes {
            assert!(self.missing_for(key, route).await.is_some(), "{route}");
        }
    }

    /// A key of a preset of the built-in catalogue.
    fn preset(&self, slug: &str, resources: &[&str]) -> PlainKey {
        let catalogue = Catalogue::parse(1, catalogue::BUILT_IN).unwrap();
        let preset = catalogue.preset(slug).unwrap();
        let permissions: Vec<&str> = preset.permissions.iter().map(String::as_str).collect();
        self.granted(slug, &permissions, resources)
    }
}

fn missing(answer: &Value) -> Option<String> {
    if answer["valid"] == true {
        return None;
    }
    assert_eq!(answer["code"], "INSUFFICIENT_SCOPE", "{answer}");
    assert_eq!(answer["status"], 403);
    Some(answer["missing"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_document_api_gives_a_key_the_rights_of_its_creator_and_nothing_of_the_console() {
    let edge = TestEdge::start();
    let key = edge.granted("inherit", &[], &["*"]);
    edge.may_call(
        &key,
        &[
            "POST /v1/documents",
            "GET /v1/documents",
            "GET /v1/documents/42",
            "DELETE /v1/documents/42",
            "POST /v1/chats",
            "POST /v1/queries",
            "GET /v1/queries/7/outputs",
            "POST /v2/agents/blueprint/runs",
            "GET /v1/chatbot/context",
        ],
    )
    .await;
    for what in ["users", "workspaces", "billing", "settings", "keys", "*"] {
        let permission = format!("console:{what}");
        let answer = edge.ask(&key, json!({ "permission": permission })).await;
        assert_eq!(missing(&answer), Some(permission));
    }
}

#[tokio::test]
async fn a_widget_key_chats_and_a_routine_key_triggers_and_neither_does_more() {
    let edge = TestEdge::start();
    let widget = edge.preset("widget", &["*"]);
    let of_widget = [
        "POST /api/widget/chat",
        "GET /api/widget/history",
        "POST /api/widget/archive",
        "POST /api/threads/thr_1/archive",
    ];
    let of_routine = ["POST /api/routines/nightly-digest/trigger"];
    let of_neither = [
        "GET /api/documents",
        "GET /api/routines",
        "POST /v1/query",
        "GET /api/threads/thr_1/archive",
        "DELETE /api/widget/history",
    ];
    edge.may_call(&widget, &of_widget).await;
    edge.may_not_call(&widget, &of_routine).await;
    edge.may_not_call(&widget, &of_neither).await;
    let routine = edge.preset("routine", &["*"]);
    edge.may_call(&routine, &of_routine).await;
    edge.may_not_call(&routine, &of_widget).await;
    edge.may_not_call(&routine, &of_neither).await;
    let answer = edge
        .ask(
            &routine,
            json!({ "method": "GET", "path": "/api/documents" }),
        )
        .await;
    assert_eq!(answer["missing"], "documents:read");
    assert_eq!(
        answer["error"],
        "This API key may not do this: documents:read is missing"
    );
}

#[tokio::test]
async fn a_category_changes_nothing_and_full_access_reaches_what_no_route_names() {
    let edge = TestEdge::start();
    let key = edge.key();
    edge.may_call(
        &key,
        &["GET /anything/at/all", "POST /v1/query", "OPTIONS /x"],
    )
    .await;
    let narrow = edge.granted("custom", &["documents:read"], &["*"]);
    assert_eq!(
        edge.missing_for(&narrow, "GET /anything").await.as_deref(),
        Some("a permission for GET /anything")
    );
    edge.may_call(&narrow, &["GET /v1/documents", "HEAD /v1/documents/7"])
        .await;
    edge.may_not_call(&narrow, &["GET /v1/documents/", "GET /V1/documents"])
        .await;
}

#[tokio::test]
async fn an_import_counts_on_the_imports_meter_of_the_plan() {
    let edge = TestEdge::start();
    let key = edge.preset("index", &["*"]);
    edge.may_call(&key, &["POST /v1/documents/import"]).await;
    let catalogue = Catalogue::parse(1, catalogue::BUILT_IN).unwrap();
    let plan = catalogue.plan("standard").unwrap();
    assert_eq!(plan.meters, [("imports".to_owned(), 2_000)]);

    let tables = edge.mirror.tables();
    let cost = |method, path| {
        let ask = Ask {
            route: Some((method, path)),
            ..Ask::default()
        };
        let holder = edge.holder(&key);
        let (_, cost) = grant::check(&tables, holder, &ask).ok().unwrap();
        cost.meters().to_vec()
    };
    let post = latchkey::domain::endpoint::Method::Post;
    assert_eq!(cost(post, "/v1/documents/import"), [("imports".into(), 1)]);
    assert_eq!(cost(post, "/v1/index"), []);
}

#[tokio::test]
async fn query_and_index_keys_reach_the_corpora_they_name_and_no_other() {
    let edge = TestEdge::start();
    let query = edge.preset("query", &["7", "eu-*"]);
    edge.may_call(
        &query,
        &["POST /v1/corpora/7/query", "POST /v2/corpora/eu-42/query"],
    )
    .await;
    let cases = [
        ("POST /v1/corpora/8/query", "corpus:query on 8"),
        ("POST /v1/corpora/7/index", "corpus:index"),
        ("POST /v1/query", "corpus:query on all resources"),
        (
            "DELETE /v1/corpora/7",
            "a permission for DELETE /v1/corpora/7",
        ),
    ];
    for (route, expected) in cases {
        let told = edge.missing_for(&query, route).await;
        assert_eq!(told.as_deref(), Some(expected), "{route}");
    }
    // The API itself sees which corpora the body names, and asks for each.
    let asked =
        |resource: &str| json!({ "method": "POST", "path": "/v1/query", "resource": resource });
    assert_eq!(missing(&edge.ask(&query, asked("7")).await), None);
    assert_eq!(
        missing(&edge.ask(&query, asked("8")).await).as_deref(),
        Some("corpus:query on 8")
    );
    let index = edge.preset("index", &["7"]);
    edge.may_call(&index, &["POST /v1/corpora/7/index"]).await;
    edge.may_not_call(&index, &["POST /v1/corpora/7/query"])
        .await;
}

#[tokio::test]
async fn both_resources_must_be_the_keys_and_an_encoded_one_is_decoded() {
    let edge = TestEdge::start();
    let key = edge.granted("custom", &["documents:*"], &["7", "café"]);
    edge.may_call(
        &key,
        &["GET /v1/documents/7", "GET /v1/documents/caf%C3%A9"],
    )
    .await;
    let question = json!({
        "method": "GET", "path": "/v1/documents/7", "resource": "9", "permission": "documents:read"
    });
    assert_eq!(
        missing(&edge.ask(&key, question).await).as_deref(),
        Some("documents:read on 9")
    );
    let question = json!({ "permission": "documents:write", "resource": "7" });
    assert_eq!(missing(&edge.ask(&key, question).await), None);
    let question = json!({ "permission": "documents:write" });
    assert_eq!(
        missing(&edge.ask(&key, question).await).as_deref(),
        Some("documents:write on all resources")
    );
    assert_eq!(missing(&edge.ask(&key, json!({})).await), None);
}

#[tokio::test]
async fn permission_and_route_must_both_pass() {
    let edge = TestEdge::start();
    let key = edge.granted("custom", &["documents:read"], &["*"]);
    let question = json!({
        "method": "GET", "path": "/v1/documents", "permission": "documents:write"
    });
    assert_eq!(
        missing(&edge.ask(&key, question).await).as_deref(),
        Some("documents:write")
    );
    let question = json!({
        "method": "POST", "path": "/v1/documents", "permission": "documents:read"
    });
    assert_eq!(
        missing(&edge.ask(&key, question).await).as_deref(),
        Some("documents:write")
    );
}

#[tokio::test]
async fn an_inheriting_key_shrinks_with_its_creator_and_ends_with_them() {
    let edge = TestEdge::start();
    let key = edge.granted("inherit", &[], &["*"]);
    let (read, write) = ("GET /v1/documents", "POST /v1/documents");
    let answer = edge.ask(&key, json!({})).await;
    assert_eq!(answer["permissions"], json!(["*"]));
    edge.may_call(&key, &[read, write, "GET /unmapped"]).await;

    edge.join(AccountRole::Member, Some(WorkspaceRole::Viewer));
    edge.may_call(&key, &[read]).await;
    edge.may_not_call(&key, &[write, "GET /unmapped"]).await;
    let answer = edge.ask(&key, json!({})).await;
    assert_eq!(answer["permissions"][0], "documents:read");

    edge.join(AccountRole::Member, None);
    assert_eq!(edge.missing_for(&key, read).await.as_deref(), Some(LEFT));
    edge.join(AccountRole::Admin, None);
    edge.may_call(&key, &[write]).await;
    edge.disable_person(true);
    assert_eq!(edge.missing_for(&key, read).await.as_deref(), Some(LEFT));
    edge.disable_person(false);
    edge.leave();
    // Even where nothing else is asked.
    let answer = edge.ask(&key, json!({})).await;
    assert_eq!(missing(&answer).as_deref(), Some(LEFT));
    assert_eq!(
        answer["error"],
        "This API key may not do this: its owner is no longer a member"
    );
    // Keys of their own grant live on.
    let own = edge.key();
    edge.may_call(&own, &[write]).await;
}
