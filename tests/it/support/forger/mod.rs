//! A provider that signs what it is told, with whatever key it is told.

pub mod jwt;

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::Arc;

use actix_web::App;
use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use actix_web::web;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use latchkey::config::OidcClient;
use latchkey::domain::identity::Provider;
use parking_lot::Mutex;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;

use crate::support::forger::jwt::OWN;

pub const CLIENT: &str = "latchkey-test";
pub const SECRET: &str = "what only the provider and we know";

/// A tenant of the Microsoft-like one.
pub const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";

/// What the token endpoint answers for a code.
#[derive(Clone)]
struct Grant {
    token: String,
    /// The S256 of the verifier that must come with it, as an honest provider demands.
    challenge: Option<String>,
}

#[derive(Default)]
struct Told {
    grants: HashMap<String, Grant>,
    /// Every code that was redeemed, right or not.
    redeemed: Vec<String>,
    metadata: Value,
    keys: Value,
    asked: HashMap<String, usize>,
    /// Answers every question with 503.
    down: bool,
}

pub struct Forger {
    pub provider: Provider,
    /// As it is set up.
    pub issuer: String,
    base: String,
    told: Arc<Mutex<Told>>,
    server: ServerHandle,
}

impl Drop for Forger {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

impl Forger {
    pub fn google() -> Self {
        Self::start(Provider::Google, "", "")
    }

    /// With the shared metadata of all tenants.
    pub fn microsoft() -> Self {
        Self::start(Provider::Microsoft, "/common/v2.0", "/{tenantid}/v2.0")
    }

    fn start(provider: Provider, asked: &str, named: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let told = Arc::new(Mutex::new(Told {
            metadata: json!({
                "issuer": format!("{base}{named}"),
                "authorization_endpoint": format!("{base}/authorize"),
                "token_endpoint": format!("{base}/token"),
                "jwks_uri": format!("{base}/keys"),
            }),
            keys: json!({"keys": [jwt::published(OWN)]}),
            ..Told::default()
        }));
        let data = web::Data::from(Arc::clone(&told));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/token", web::post().to(token))
                .route("/keys", web::get().to(keys))
                .default_service(web::get().to(metadata))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            provider,
            issuer: format!("{base}{asked}"),
            base,
            told,
            server: handle,
        }
    }

    pub fn client(&self) -> OidcClient {
        OidcClient {
            provider: self.provider,
            id: CLIENT.to_owned(),
            secret: SECRET.to_owned().into(),
            issuer: self.issuer.clone(),
        }
    }

    /// The `iss` of an honest token.
    pub fn token_issuer(&self) -> String {
        match self.provider {
            Provider::Google => self.base.clone(),
            Provider::Microsoft => self.issuer_of(TENANT),
        }
    }

    pub fn issuer_of(&self, tenant: &str) -> String {
        format!("{}/{tenant}/v2.0", self.base)
    }

    /// From now on `code` brings `token`.
    pub fn grant(&self, code: &str, token: String) {
        self.grant_for(code, token, None);
    }

    /// As `grant`, for the browser that was sent with this PKCE challenge and no other.
    pub fn grant_for(&self, code: &str, token: String, challenge: Option<String>) {
        let grant = Grant { token, challenge };
        self.told.lock().grants.insert(code.to_owned(), grant);
    }

    pub fn set_metadata(&self, field: &str, value: Value) {
        self.told.lock().metadata[field] = value;
    }

    pub fn set_keys(&self, keys: &[Value]) {
        self.told.lock().keys = json!({"keys": keys});
    }

    pub fn set_down(&self, down: bool) {
        self.told.lock().down = down;
    }

    /// How often `/token`, `/keys` or the metadata were asked for.
    pub fn asked(&self, what: &str) -> usize {
        self.told.lock().asked.get(what).copied().unwrap_or(0)
    }

    pub fn redeemed(&self) -> Vec<String> {
        self.told.lock().redeemed.clone()
    }
}

type Shared = web::Data<Mutex<Told>>;

async fn metadata(request: HttpRequest, told: Shared) -> HttpResponse {
    let known = request
        .path()
        .ends_with("/.well-known/openid-configuration");
    answer(&told, "metadata", |told| {
        known.then(|| told.metadata.clone())
    })
}

async fn keys(told: Shared) -> HttpResponse {
    answer(&told, "keys", |told| Some(told.keys.clone()))
}

async fn token(request: HttpRequest, body: web::Bytes, told: Shared) -> HttpResponse {
    let fields: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let authorization = request.headers().get("authorization");
    let knows_us = authorization.is_some_and(|value| !value.is_empty());
    answer(&told, "token", |told| {
        let code = fields.get("code")?;
        told.redeemed.push(code.clone());
        let grant = told.grants.get(code)?.clone();
        let verifier = fields.get("code_verifier")?;
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        let is_its_browser = grant.challenge.is_none_or(|wanted| wanted == challenge);
        (knows_us && is_its_browser).then(
            || json!({"access_token": "unused", "token_type": "Bearer", "id_token": grant.token}),
        )
    })
}

fn answer(told: &Shared, what: &str, make: impl Fn(&mut Told) -> Option<Value>) -> HttpResponse {
    let mut told = told.lock();
    *told.asked.entry(what.to_owned()).or_default() += 1;
    if told.down {
        return HttpResponse::ServiceUnavailable().finish();
    }
    match make(&mut told) {
        Some(value) => HttpResponse::Ok().json(value),
        None => HttpResponse::BadRequest().json(json!({"error": "invalid_grant"})),
    }
}
