//! People without a session. They get no row in the database: a random cookie, and forms whose
//! token is that cookie's signature.

use std::future::Ready;
use std::future::ready;
use std::net::IpAddr;

use actix_web::FromRequest;
use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::cookie::Cookie;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use askama::Template;
use secrecy::ExposeSecret;

use crate::crypto::token;
use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::html::Unkept;
use crate::dashboard::page::PlainContext;
use crate::domain::actor::Actor;
use crate::domain::actor::ActorKind;
use crate::domain::person::UserId;
use crate::http::client_ip;

pub const COOKIE: &str = "lk_visitor";

/// Longer than the nonces we make is not ours.
const NONCE_LENGTH: usize = 43;

/// Anybody, on a page that needs no session.
pub struct Visitor {
    /// The frame of the page to show.
    pub page: PlainContext,
    pub ip: IpAddr,
    /// What only this browser holds.
    pub(super) nonce: String,
    pub(super) cookie: Option<Cookie<'static>>,
}

impl Visitor {
    /// A page for this visitor; it brings the cookie that its forms need.
    pub fn show<T: Template>(&self, request: &HttpRequest, page: T) -> HttpResponse {
        self.show_with(request, StatusCode::OK, page)
    }

    pub fn show_with<T: Template>(
        &self,
        request: &HttpRequest,
        status: StatusCode,
        page: T,
    ) -> HttpResponse {
        let mut response = Unkept(status, page).respond_to(request);
        if let Some(cookie) = &self.cookie {
            // Our own cookie always fits a header.
            let _ = response.add_cookie(cookie);
        }
        response
    }

    /// This visitor as the person they turned out to be.
    pub fn actor(&self, id: UserId, email: &str) -> Actor {
        Actor {
            kind: ActorKind::Person(id),
            label: email.to_owned(),
            ip: Some(self.ip),
            request_id: Some(self.page.request_id.clone()),
        }
    }

    /// This visitor, whom nobody knows yet.
    pub fn unknown_actor(&self, label: &str) -> Actor {
        Actor {
            ip: Some(self.ip),
            request_id: Some(self.page.request_id.clone()),
            ..Actor::system(label)
        }
    }
}

impl FromRequest for Visitor {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(visitor(request))
    }
}

fn visitor(request: &HttpRequest) -> Result<Visitor, PageError> {
    let console = Console::of(request)?;
    let (nonce, cookie) = if let Some(nonce) = nonce_of(&console, request) {
        (nonce, None)
    } else {
        let nonce = token::generate(&*console.random).map_err(PageError::internal)?;
        let nonce = nonce.expose_secret().to_owned();
        let cookie = console.site.cookie(COOKIE, nonce.clone());
        (nonce, Some(cookie))
    };
    let csrf = console.form_key.token_for(&nonce);
    Ok(Visitor {
        page: console.looks.plain(request, csrf),
        ip: client_ip::of(request).0,
        nonce,
        cookie,
    })
}

fn nonce_of(console: &Console, request: &HttpRequest) -> Option<String> {
    let cookie = request.cookie(&console.site.cookie_name(COOKIE))?;
    (cookie.value().len() == NONCE_LENGTH).then(|| cookie.value().to_owned())
}

/// The token that a form of this visitor must carry.
pub(super) fn expected_token(request: &HttpRequest) -> Result<Option<String>, PageError> {
    let console = Console::of(request)?;
    Ok(nonce_of(&console, request).map(|nonce| console.form_key.token_for(&nonce)))
}
