use latchkey::cli::demo::history::calls::App;
use latchkey::cli::demo::sample_api::SampleApi;
use latchkey::domain::clock::SystemClock;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use reqwest::Client;
use reqwest::Method;
use reqwest::Response;
use serde_json::Value;
use serde_json::json;

struct Api {
    running: SampleApi,
    client: Client,
}

impl Api {
    fn start() -> Self {
        let running = SampleApi::start(SystemClock::shared()).unwrap();
        let client = Client::new();
        Self { running, client }
    }

    /// As the gateway calls it.
    async fn call(&self, method: Method, path: &str, body: Value) -> Response {
        let url = format!("http://{}{path}", self.running.address);
        let request = self.client.request(method, url);
        let request = request.header("X-Latchkey-Key", "4fZk0QpL9aBc");
        request.json(&body).send().await.unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> (u16, String) {
        let answer = self.call(Method::POST, path, body).await;
        let usage = answer.headers().get("latchkey-usage");
        let usage = usage.map(|usage| usage.to_str().unwrap().to_owned());
        (answer.status().as_u16(), usage.unwrap_or_default())
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.call(Method::GET, path, Value::Null).await;
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

#[actix_web::test]
async fn going_round_the_gateway_is_refused() {
    let api = Api::start();
    let url = format!("http://{}/api/documents", api.running.address);
    let answer = api.client.get(url).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    api.running.stop().await;
}

#[actix_web::test]
async fn it_tells_who_the_gateway_said_is_calling() {
    let api = Api::start();
    let (status, identity) = api.get("/whoami").await;
    assert_eq!(status, 200);
    assert_eq!(identity, json!({ "x-latchkey-key": "4fZk0QpL9aBc" }));
    api.running.stop().await;
}

#[actix_web::test]
async fn a_document_is_uploaded_fetched_and_deleted() {
    let api = Api::start();
    let upload = json!({ "name": "Lease.pdf" });
    let answer = api.call(Method::POST, "/api/documents", upload).await;
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.headers()["latchkey-usage"], "credits=1, imports=1");
    let document: Value = answer.json().await.unwrap();
    let path = format!("/api/documents/{}", document["id"].as_str().unwrap());
    assert_eq!(api.get(&path).await.0, 200);
    let (_, list) = api.get("/api/documents").await;
    assert_eq!(list["documents"][0], document);
    let deleted = api.call(Method::DELETE, &path, Value::Null).await;
    assert_eq!(deleted.status(), 204);
    assert_eq!(api.get(&path).await.0, 404);
    api.running.stop().await;
}

#[actix_web::test]
async fn each_kind_of_call_answers_and_tells_what_it_was_worth() {
    let api = Api::start();
    let urls = json!({ "urls": ["https://acme.example/a.pdf", "https://acme.example/b.pdf"] });
    let corpora = json!({ "query": [{ "query": "What is the notice period?" }] });
    let message = json!({ "message": "How long is the notice period?" });
    let thread = json!({ "thread": "thr_5001" });
    for (path, body, status, usage) in [
        ("/api/documents/import", urls, 202, "credits=2, imports=2"),
        ("/v1/query", corpora, 200, "credits=1"),
        (
            "/api/queries",
            json!({ "query": "Notice?" }),
            200,
            "credits=1",
        ),
        ("/api/chats", message.clone(), 200, "credits=2"),
        ("/api/widget/chat", message, 200, "credits=2"),
        ("/api/widget/archive", thread, 200, ""),
        ("/api/threads/thr_5001/archive", Value::Null, 200, ""),
        (
            "/api/routines/nightly-digest/trigger",
            Value::Null,
            202,
            "credits=5",
        ),
    ] {
        assert_eq!(
            api.post(path, body).await,
            (status, usage.to_owned()),
            "{path}"
        );
    }
    for path in ["/api/widget/history", "/api/threads", "/api/routines"] {
        assert_eq!(api.get(path).await.0, 200, "{path}");
    }
    api.running.stop().await;
}

#[actix_web::test]
async fn what_is_not_there_is_404_and_what_cannot_be_read_is_422() {
    let api = Api::start();
    for path in [
        "/api/threads/thr_1/archive",
        "/api/routines/none/trigger",
        "/nowhere",
    ] {
        assert_eq!(api.post(path, Value::Null).await.0, 404, "{path}");
    }
    for path in [
        "/api/documents",
        "/api/documents/import",
        "/v1/query",
        "/api/chats",
    ] {
        assert_eq!(api.post(path, json!({ "name": "" })).await.0, 422, "{path}");
    }
    api.running.stop().await;
}

#[actix_web::test]
async fn it_answers_the_demos_own_traffic_as_the_history_tells() {
    let api = Api::start();
    let mut random = SmallRng::seed_from_u64(1);
    let apps = [
        App::Backend,
        App::Widget,
        App::Importer,
        App::Automation,
        App::Terminal,
        App::Tests,
    ];
    for endpoint in apps.into_iter().flat_map(App::endpoints) {
        let method: Method = endpoint.method.as_str().parse().unwrap();
        let call = |path: String, body: &'static str| {
            let body = serde_json::from_str(body).unwrap_or_default();
            let (api, method) = (&api, method.clone());
            async move { api.call(method, &path, body).await.status().as_u16() }
        };
        if let Some(fault) = endpoint.fault() {
            let (path, body) = endpoint.faulty_call();
            assert_eq!(call(path, body).await, fault, "{endpoint:?}");
        }
        let answer = call(endpoint.path(&mut random), endpoint.body()).await;
        // A document may have been deleted by a call before.
        let is_gone = answer == 404 && endpoint.fault() == Some(404);
        assert!(
            answer == endpoint.status || is_gone,
            "{answer} {endpoint:?}"
        );
    }
    api.running.stop().await;
}
