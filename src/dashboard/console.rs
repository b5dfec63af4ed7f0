//! The console as one service, from its parts.
//!
//! A request passes, from the outside in:
//! 1. `RequestIds`: its id, on every answer;
//! 2. the cookie filter: only byte-exact names of ours get through;
//! 3. `error_page::finish`: faults and panics become pages, security headers on every answer;
//! 4. static files, or else the session and the first two layers against foreign forms;
//! 5. the URL table, whose extractors check who asks (`SignedIn`, `InWorkspace`, `Visitor`) and
//!    the form's token (`Posted`, `VisitorPosted`).

use std::future::Ready;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use actix_web::App;
use actix_web::Error;
use actix_web::FromRequest;
use actix_web::HttpRequest;
use actix_web::body::MessageBody;
use actix_web::dev::Payload;
use actix_web::dev::Service;
use actix_web::dev::ServiceFactory;
use actix_web::dev::ServiceRequest;
use actix_web::dev::ServiceResponse;
use actix_web::middleware::Next;
use actix_web::middleware::from_fn;
use actix_web::web;
use actix_web::web::ThinData;
use secrecy::SecretString;
use url::Url;

use crate::crypto::digest::Pepper;
use crate::crypto::form_key::BadSecretKey;
use crate::crypto::form_key::FormKey;
use crate::crypto::password::PasswordHasher;
use crate::dashboard;
use crate::dashboard::csrf;
use crate::dashboard::error::PageError;
use crate::dashboard::error_page;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::logs::tail::Seats;
use crate::dashboard::looks;
use crate::dashboard::looks::Looks;
use crate::dashboard::session::pending;
use crate::dashboard::session::sign_in;
use crate::dashboard::session::store;
use crate::dashboard::session::store::Store;
use crate::dashboard::site::NoSite;
use crate::dashboard::site::Site;
use crate::dashboard::visitor;
use crate::db::Db;
use crate::db::catalogue::Offers;
use crate::domain::clock::SharedClock;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::log_retention::KeptDays;
use crate::domain::random::SharedRandom;
use crate::http::assets;
use crate::http::assets::Assets;
use crate::http::client_ip::TrustedProxies;
use crate::http::cookies;
use crate::http::request_id::RequestIds;
use crate::mail::Mailer;
use crate::oidc::Providers;

/// All that the console is made of.
pub struct Parts {
    pub db: Db,
    pub clock: SharedClock,
    pub random: SharedRandom,
    pub mailer: Mailer,
    pub passwords: PasswordHasher,
    pub pepper: Pepper,
    pub key_prefix: KeyPrefix,
    /// Where people reach the console.
    pub public_url: Url,
    pub secret_key: SecretString,
    pub trusted_proxies: TrustedProxies,
    /// Other companies' sign-ins that people may use.
    pub providers: Providers,
    pub addresses: Addresses,
    pub promises: Promises,
}

/// What the pages promise, as the installation is set up to keep it.
#[derive(Debug, Clone, Copy)]
pub struct Promises {
    /// How long a node may go on with old news at most.
    pub revoked_within: Duration,
    /// Accounts may keep theirs for less.
    pub log_kept: KeptDays,
}

/// Where programs reach the rest, as the pages tell it.
#[derive(Debug, Clone)]
pub struct Addresses {
    pub api: String,
    pub gateway: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    #[error(transparent)]
    Site(#[from] NoSite),
    #[error(transparent)]
    SecretKey(#[from] BadSecretKey),
}

/// The console; cheap to clone.
#[derive(Clone)]
pub struct Console(Arc<Inner>);

/// What extractors need of the console.
pub struct Inner {
    pub(super) parts: Parts,
    pub(super) random: SharedRandom,
    pub(super) site: Site,
    pub(super) looks: Looks,
    pub(super) form_key: FormKey,
    tail_seats: Seats,
}

impl std::ops::Deref for Console {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Console {
    pub fn new(parts: Parts) -> Result<Self, ConsoleError> {
        let site = Site::new(&parts.public_url)?;
        Ok(Self(Arc::new(Inner {
            looks: Looks::new(Assets::load(), &site),
            form_key: FormKey::new(&parts.secret_key)?,
            tail_seats: Seats::default(),
            random: Arc::clone(&parts.random),
            site,
            parts,
        })))
    }

    /// The console that serves `request`.
    pub(super) fn of(request: &HttpRequest) -> Result<Self, PageError> {
        request
            .app_data::<Self>()
            .cloned()
            .ok_or_else(|| PageError::internal("the console is not registered"))
    }

    /// One worker's service: `HttpServer::new(move || console.app())`.
    pub fn app(
        &self,
    ) -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody + use<>>,
            Error = Error,
            InitError = (),
        > + use<>,
    > {
        let cookie_names = self.cookie_names();
        let finish = (self.site.clone(), self.looks.clone());
        let ids = RequestIds::new(
            Arc::clone(&self.parts.clock),
            Arc::clone(&self.parts.random),
        );
        let console = self.clone();
        App::new()
            .configure(|config| console.register(config))
            .wrap(from_fn(move |request, next| {
                error_page::finish(finish.clone(), request, next)
            }))
            .wrap_fn(move |mut request, service| {
                cookies::keep_only(&cookie_names, request.headers_mut());
                service.call(request)
            })
            .wrap(ids)
    }

    fn register(&self, config: &mut web::ServiceConfig) {
        let parts = &self.parts;
        let store = Store {
            db: parts.db.clone(),
            clock: Arc::clone(&parts.clock),
            random: Arc::clone(&parts.random),
        };
        let site = self.site.clone();
        config
            .app_data(self.clone())
            .app_data(parts.trusted_proxies.clone())
            .app_data(ThinData(parts.db.clone()))
            .app_data(ThinData(Arc::clone(&parts.clock)))
            .app_data(ThinData(Arc::clone(&parts.random)))
            .app_data(ThinData(parts.mailer.clone()))
            .app_data(ThinData(parts.passwords.clone()))
            .app_data(ThinData(KeySettings {
                prefix: parts.key_prefix.clone(),
                pepper: parts.pepper.clone(),
                api_url: parts.addresses.gateway.clone(),
                promises: parts.promises,
                offers: Offers::default(),
            }))
            .app_data(ThinData(self.tail_seats.clone()))
            .app_data(ThinData(self.site.clone()))
            .app_data(ThinData(self.looks.assets.clone()))
            .configure(assets::configure)
            .service(
                web::scope("")
                    .configure(dashboard::routes)
                    .default_service(web::to(not_found))
                    .wrap(store.middleware(&self.site, &self.form_key))
                    .wrap(from_fn(move |request: ServiceRequest, next: Next<_>| {
                        let judged = csrf::refuse_other_sites(&site, request.request());
                        async move {
                            judged?;
                            next.call(request).await
                        }
                    })),
            );
    }

    fn cookie_names(&self) -> Vec<String> {
        [
            store::COOKIE,
            visitor::COOKIE,
            pending::COOKIE,
            sign_in::DOMAIN_COOKIE,
            looks::THEME_COOKIE,
            looks::DENSITY_COOKIE,
            looks::SHORTCUTS_COOKIE,
        ]
        .map(|name| self.site.cookie_name(name))
        .to_vec()
    }
}

impl FromRequest for Console {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

async fn not_found() -> Result<web::Bytes, PageError> {
    Err(PageError::NotFound)
}
