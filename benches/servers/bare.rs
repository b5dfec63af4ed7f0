//! What actix-web costs by itself: a handler as its guide writes it, which takes the same JSON and
//! answers JSON of the same shape and size. It looks nothing up and writes nothing down.

use std::net::IpAddr;
use std::net::TcpListener;

use actix_web::App;
use actix_web::HttpResponse;
use actix_web::HttpServer;
use actix_web::web;
use actix_web::web::Json;
use serde::Deserialize;
use serde::Serialize;

#[derive(Deserialize)]
pub struct Question {
    pub key: String,
    method: Option<String>,
    path: Option<String>,
    ip: Option<IpAddr>,
}

#[derive(Serialize)]
pub struct Answer {
    valid: bool,
    code: &'static str,
    request_id: &'static str,
    key: Key,
    account: Named,
    workspace: Place,
    owner: Person,
    scope: &'static str,
    permissions: &'static [&'static str],
    limits: [Window; 2],
}

#[derive(Serialize)]
struct Window {
    #[serde(rename = "window")]
    name: &'static str,
    limit: u64,
    used: u64,
    remaining: u64,
    resets_in_s: Option<i64>,
}

#[derive(Serialize)]
struct Key {
    id: &'static str,
    name: &'static str,
    category: &'static str,
    expires_at: Option<&'static str>,
}

#[derive(Serialize)]
struct Named {
    id: &'static str,
    domain: &'static str,
}

#[derive(Serialize)]
struct Place {
    id: &'static str,
    slug: &'static str,
}

#[derive(Serialize)]
struct Person {
    id: &'static str,
    email: &'static str,
}

pub const ANSWER: Answer = Answer {
    valid: true,
    code: "VALID",
    request_id: "req_0vbbmbhpzeaof7yp",
    key: Key {
        id: "4fZk0QpL9aBc",
        name: "key 4fZk0QpL9aBc",
        category: "production",
        expires_at: None,
    },
    account: Named {
        id: "acc_4fZk0QpL9aBc",
        domain: "acme",
    },
    workspace: Place {
        id: "wsp_4fZk0QpL9aBc",
        slug: "default",
    },
    owner: Person {
        id: "00000000-0000-0000-0000-000000000001",
        email: "alice@acme.example",
    },
    scope: "custom",
    permissions: &["corpus:query", "documents:read", "documents:write"],
    limits: [
        Window {
            name: "daily",
            limit: 1_000_000_000,
            used: 60_000,
            remaining: 999_940_000,
            resets_in_s: Some(86_400),
        },
        Window {
            name: "monthly",
            limit: 1_000_000_000_000,
            used: 60_000,
            remaining: 999_999_940_000,
            resets_in_s: Some(2_595_600),
        },
    ],
};

pub async fn serve() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    super::edge::say(&format!("http://{}", listener.local_addr()?));
    HttpServer::new(|| App::new().route("/v1/keys/verify", web::post().to(post)))
        .workers(1)
        .listen(listener)?
        .run()
        .await
}

async fn post(question: Json<Question>) -> HttpResponse {
    let Json(question) = question;
    std::hint::black_box((question.key, question.method, question.path, question.ip));
    HttpResponse::Ok().json(ANSWER)
}
