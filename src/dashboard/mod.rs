//! What people talk to: pages, forms, sessions.

pub mod chart;
pub mod confirmed;
pub mod console;
pub mod csrf;
mod csv;
pub mod error;
mod error_page;
mod fault;
pub mod flash;
pub mod form;
mod home;
pub mod html;
pub mod keys;
mod looks;
mod members;
pub mod moment;
pub mod number;
pub mod operator;
mod overview;
pub mod page;
mod plan;
pub mod posted;
pub mod session;
mod settings;
pub mod signed_in;
pub mod site;
pub mod urls;
pub mod visitor;
mod workspaces;

#[cfg(test)]
mod macros_test;

use actix_web::Resource;
use actix_web::Route;
use actix_web::guard;
use actix_web::web;
use actix_web::web::ServiceConfig;

use crate::dashboard::session::password;
use crate::dashboard::session::set_password;
use crate::dashboard::session::set_up;
use crate::dashboard::session::sign_in;
use crate::dashboard::session::sign_out;

/// Every address of the console. What is not here is not found.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/").route(read().to(home::get)))
        .service(
            at("/sign-in")
                .route(read().to(sign_in::get))
                .route(web::post().to(sign_in::post)),
        )
        .service(
            at("/sign-in/{domain}")
                .route(read().to(password::get))
                .route(web::post().to(password::post)),
        )
        .service(at("/sign-out").route(web::post().to(sign_out::post)))
        .service(
            at("/setup")
                .route(read().to(set_up::get))
                .route(web::post().to(set_up::post)),
        )
        .service(
            at("/set-password")
                .route(read().to(set_password::get))
                .route(web::post().to(set_password::post)),
        )
        .service(at("/account/usage").route(read().to(plan::usage::get)))
        .service(at("/workspaces").route(read().to(workspaces::get)))
        .service(at("/w/{w}").route(read().to(overview::redirect)))
        .service(at("/w/{w}/").route(read().to(overview::get)))
        .service(
            at("/w/{w}/settings/key-policy")
                .route(read().to(settings::key_policy::get))
                .route(web::post().to(settings::key_policy::post)),
        )
        .configure(members::routes)
        .configure(key_routes)
        .configure(operator::routes);
}

fn key_routes(config: &mut ServiceConfig) {
    config
        .service(at("/w/{w}/developers/keys").route(read().to(keys::list::get)))
        .service(at("/w/{w}/developers/keys.csv").route(web::get().to(keys::export::get)))
        .service(
            // A page of its own: "new" is no key id.
            at("/w/{w}/developers/keys/new")
                .route(read().to(keys::create::get))
                .route(web::post().to(keys::create::post)),
        )
        .service(
            // Nor are these: several keys at once.
            at("/w/{w}/developers/keys/{action:disable|revoke}")
                .route(read().to(keys::bulk::get))
                .route(web::post().to(keys::bulk::post)),
        )
        .service(at("/w/{w}/developers/keys/{k}").route(read().to(keys::show::get)))
        .service(at("/w/{w}/developers/keys/{k}/explain").route(read().to(keys::explain::get)))
        .service(
            at("/w/{w}/developers/keys/{k}/first-request")
                .route(read().to(keys::first_request::get)),
        )
        .service(
            at("/w/{w}/developers/keys/{k}/disable")
                .route(read().to(keys::disable::get))
                .route(web::post().to(keys::disable::post)),
        )
        .service(at("/w/{w}/developers/keys/{k}/enable").route(web::post().to(keys::enable::post)))
        .service(
            at("/w/{w}/developers/keys/{k}/edit")
                .route(read().to(keys::edit::get))
                .route(web::post().to(keys::edit::post)),
        )
        .service(
            at("/w/{w}/developers/keys/{k}/preset")
                .route(read().to(keys::preset_update::get))
                .route(web::post().to(keys::preset_update::post)),
        )
        .service(
            at("/w/{w}/developers/keys/{k}/revoke")
                .route(read().to(keys::revoke::get))
                .route(web::post().to(keys::revoke::post)),
        )
        .service(
            at("/w/{w}/developers/keys/{k}/delete")
                .route(read().to(keys::delete::get))
                .route(web::post().to(keys::delete::post)),
        )
        .service(
            at("/w/{w}/developers/keys/{k}/rotate")
                .route(read().to(keys::rotate::get))
                .route(web::post().to(keys::rotate::post)),
        )
        .service(
            at("/w/{w}/developers/keys/{k}/end-overlap").route(web::post().to(keys::overlap::end)),
        )
        .service(
            at("/w/{w}/developers/keys/{k}/extend-overlap")
                .route(web::post().to(keys::overlap::extend)),
        );
}

fn at(path: &str) -> Resource {
    web::resource(path)
}

/// Reading: GET, and HEAD with the same headers.
fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}
