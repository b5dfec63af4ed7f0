//! The API that the demo puts behind the gateway: documents, queries, chats, routines, threads
//! and a widget, all in memory.
//!
//! It trusts whoever stands before it: a request without the identity that Latchkey sets came
//! round the gateway and gets 401.

mod conversations;
mod documents;
pub(super) mod library;
mod reply;
mod routines;

use std::io;
use std::net::Ipv4Addr;
use std::net::SocketAddr;

use actix_web::App;
use actix_web::Error;
use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::HttpServer;
use actix_web::body::BoxBody;
use actix_web::dev::ServerHandle;
use actix_web::dev::ServiceRequest;
use actix_web::dev::ServiceResponse;
use actix_web::middleware::Next;
use actix_web::middleware::from_fn;
use actix_web::web;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::cli::demo::sample_api::library::Library;
use crate::domain::clock::SharedClock;

/// Set by the gateway, and by nobody else: it removes what the client sends under this name.
const IDENTITY: &str = "x-latchkey-key";
const IDENTITY_PREFIX: &str = "x-latchkey-";

/// The running API. It stops with `stop`, or with the process.
pub struct SampleApi {
    pub address: SocketAddr,
    handle: ServerHandle,
}

impl SampleApi {
    /// Listens on a free port of loopback. Needs a tokio runtime.
    pub fn start(clock: SharedClock) -> io::Result<Self> {
        let library = web::Data::new(Library::new(clock));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(library.clone())
                .wrap(from_fn(require_identity))
                .configure(routes)
        })
        .workers(1)
        .disable_signals()
        .bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = server
            .addrs()
            .first()
            .copied()
            .ok_or(io::ErrorKind::AddrNotAvailable)?;
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self { address, handle })
    }

    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}

fn routes(api: &mut web::ServiceConfig) {
    api.route("/whoami", web::get().to(whoami))
        .route("/api/documents", web::get().to(documents::list))
        .route("/api/documents", web::post().to(documents::upload))
        .route("/api/documents/import", web::post().to(documents::import))
        .route("/api/documents/{id}", web::get().to(documents::fetch))
        .route("/api/documents/{id}", web::delete().to(documents::delete))
        .route("/v1/query", web::post().to(conversations::query))
        .route("/api/queries", web::post().to(conversations::query))
        .route("/api/chats", web::post().to(conversations::open_chat))
        .route("/api/threads", web::get().to(conversations::threads))
        .route(
            "/api/threads/{id}/archive",
            web::post().to(conversations::archive),
        )
        .route("/api/widget/chat", web::post().to(conversations::open_chat))
        .route(
            "/api/widget/history",
            web::get().to(conversations::widget_history),
        )
        .route(
            "/api/widget/archive",
            web::post().to(conversations::archive_widget),
        )
        .route("/api/routines", web::get().to(routines::list))
        .route(
            "/api/routines/{id}/trigger",
            web::post().to(routines::trigger),
        )
        .default_service(web::to(nothing_here));
}

async fn require_identity(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let identity = request.headers().get(IDENTITY);
    if identity.is_some_and(|value| !value.is_empty()) {
        return next.call(request).await;
    }
    let refusal = json!({ "error": "Call this API through Latchkey's gateway" });
    Ok(request.into_response(HttpResponse::Unauthorized().json(refusal)))
}

/// Tells what the gateway said of the caller.
async fn whoami(request: HttpRequest) -> HttpResponse {
    let identity: Map<String, Value> = request
        .headers()
        .iter()
        .filter(|(name, _)| name.as_str().starts_with(IDENTITY_PREFIX))
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), Value::String(value))
        })
        .collect();
    reply::json(200, &identity)
}

async fn nothing_here() -> HttpResponse {
    reply::not_found("endpoint")
}
