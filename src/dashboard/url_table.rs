//! The console's URL table as it is written down: each address, its methods, and the door before
//! each of them. What is registered here is judged here; nothing else is served.

use actix_web::FromRequest;
use actix_web::Handler;
use actix_web::Resource;
use actix_web::Responder;
use actix_web::Route;
use actix_web::dev::ServiceRequest;
use actix_web::guard;
use actix_web::middleware::Next;
use actix_web::middleware::from_fn;
use actix_web::web;
use actix_web::web::ServiceConfig;

use crate::dashboard::door::Door;
use crate::dashboard::door::Entered;
use crate::dashboard::error::PageError;
use crate::dashboard::posted;
use crate::dashboard::support::visit;
use crate::db::tenant;

/// One row: a method of an address, and what it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// `GET`, which is HEAD too, or `POST`.
    pub method: &'static str,
    /// As actix writes it: `/w/{w}/developers/keys/{k}`.
    pub path: &'static str,
    pub door: Door,
}

/// Registers addresses and remembers them.
pub struct UrlTable<'a> {
    config: &'a mut ServiceConfig,
    rows: Vec<Row>,
}

impl<'a> UrlTable<'a> {
    pub(super) fn new(config: &'a mut ServiceConfig) -> Self {
        Self {
            config,
            rows: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, address: Address) -> &mut Self {
        self.config.service(address.resource);
        self.rows.extend(address.rows);
        self
    }

    pub(super) fn into_rows(self) -> Vec<Row> {
        self.rows
    }
}

/// An address with its methods.
pub(super) struct Address {
    path: &'static str,
    resource: Resource,
    rows: Vec<Row>,
}

pub(super) fn at(path: &'static str) -> Address {
    Address {
        path,
        resource: web::resource(path),
        rows: Vec::new(),
    }
}

impl Address {
    /// Reading: GET, and HEAD with the same headers.
    pub(super) fn get<H, A>(self, door: Door, handler: H) -> Self
    where
        H: Handler<A>,
        A: FromRequest + 'static,
        H::Output: Responder + 'static,
    {
        let read = web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
        self.with("GET", door, read.to(handler))
    }

    /// Changing something, by a form of ours.
    pub(super) fn post<H, A>(self, door: Door, handler: H) -> Self
    where
        H: Handler<A>,
        A: FromRequest + 'static,
        H::Output: Responder + 'static,
    {
        self.with("POST", door, web::post().to(handler))
    }

    fn with(mut self, method: &'static str, door: Door, route: Route) -> Self {
        let guarded = route.wrap(from_fn(
            move |request: ServiceRequest, next: Next<_>| async move {
                let entered = match door.check(request.request()).await {
                    Err(PageError::SignedOut(out)) => {
                        return Err(posted::signed_out(request, out).await.into());
                    }
                    other => other?,
                };
                match entered {
                    Entered::Anywhere => next.call(request).await,
                    Entered::Account(account) => {
                        tenant::scope(Some(account), next.call(request)).await
                    }
                    Entered::Visit(visit) => visit::look(&visit, request, next).await,
                }
            },
        ));
        self.resource = self.resource.route(guarded);
        self.rows.push(Row {
            method,
            path: self.path,
            door,
        });
        self
    }
}
