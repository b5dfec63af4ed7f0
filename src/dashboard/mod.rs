//! What people talk to: pages, forms, sessions.

mod as_of;
mod audit;
pub mod chart;
pub mod confirmed;
pub mod console;
pub mod csrf;
mod csv;
pub mod door;
pub mod error;
mod error_page;
mod exposed;
mod fault;
mod file;
pub mod flash;
pub mod form;
mod home;
pub mod html;
pub mod kept_form;
pub mod keys;
pub mod logs;
mod looks;
mod me;
mod members;
pub mod moment;
mod nav;
pub mod number;
pub mod operator;
mod overview;
pub mod page;
mod plan;
pub mod posted;
mod range;
pub mod session;
mod settings;
pub mod signed_in;
pub mod site;
pub mod support;
mod support_access;
pub mod url_table;
pub mod urls;
mod usage;
pub mod visitor;
mod workspaces;

#[cfg(test)]
mod macros_test;

use actix_web::App;
use actix_web::web::ServiceConfig;

use crate::dashboard::door::Door::Account;
use crate::dashboard::door::Door::Anybody;
use crate::dashboard::door::Door::SignedIn;
use crate::dashboard::door::Door::Workspace;
use crate::dashboard::session::confirm;
use crate::dashboard::session::forgot_password;
use crate::dashboard::session::password;
use crate::dashboard::session::providers;
use crate::dashboard::session::second_factor;
use crate::dashboard::session::set_password;
use crate::dashboard::session::set_up;
use crate::dashboard::session::sign_in;
use crate::dashboard::session::sign_out;
use crate::dashboard::url_table::Row;
use crate::dashboard::url_table::UrlTable;
use crate::dashboard::url_table::at;
use crate::domain::right::Right;

/// Every address of the console with what it takes.
pub fn addresses() -> Vec<Row> {
    let mut rows = Vec::new();
    let _ = App::new().configure(|config| rows = register(config));
    rows
}

/// Every address of the console. What is not here is not found.
pub fn routes(config: &mut ServiceConfig) {
    register(config);
}

fn register(config: &mut ServiceConfig) -> Vec<Row> {
    let mut table = UrlTable::new(config);
    session_routes(&mut table);
    table
        .add(at("/").get(SignedIn, home::get))
        .add(at("/account/usage").get(Account(Right::SeePlan), plan::usage::get))
        .add(at("/w/{w}").get(Workspace(Right::SeeWorkspace), overview::redirect))
        .add(at("/w/{w}/").get(Workspace(Right::SeeWorkspace), overview::get))
        .add(
            at("/w/{w}/settings/key-policy")
                .get(Workspace(Right::SetWorkspace), settings::key_policy::get)
                .post(Workspace(Right::SetWorkspace), settings::key_policy::post),
        )
        .add(
            at("/w/{w}/settings/features")
                .get(Workspace(Right::SetWorkspace), settings::features::get)
                .post(Workspace(Right::SetWorkspace), settings::features::post),
        );
    table.add(
        at(urls::SIGN_IN_RULES)
            .get(Account(Right::SetSignInRules), settings::sign_in::get)
            .post(Account(Right::SetSignInRules), settings::sign_in::post),
    );
    table.add(
        at(urls::LOG_RETENTION)
            .get(
                Account(Right::SetLogRetention),
                settings::log_retention::get,
            )
            .post(
                Account(Right::SetLogRetention),
                settings::log_retention::post,
            ),
    );
    me::routes(&mut table);
    workspaces::routes(&mut table);
    members::routes(&mut table);
    keys::routes(&mut table);
    logs::routes(&mut table);
    audit::routes(&mut table);
    usage::routes(&mut table);
    operator::routes(&mut table);
    support::routes(&mut table);
    support_access::routes(&mut table);
    table.into_rows()
}

fn session_routes(table: &mut UrlTable<'_>) {
    table
        .add(
            at("/sign-in")
                .get(Anybody, sign_in::get)
                .post(Anybody, sign_in::post),
        )
        .add(
            at("/sign-in/{domain}")
                .get(Anybody, password::get)
                .post(Anybody, password::post),
        )
        .add(
            // A page of its own: "second-factor" is no provider.
            at("/sign-in/{domain}/second-factor")
                .get(Anybody, second_factor::get)
                .post(Anybody, second_factor::post),
        )
        .add(at("/sign-in/{domain}/{provider}").post(Anybody, providers::start::post))
        .add(at("/oidc/{provider}/callback").get(Anybody, providers::callback::get))
        .add(at("/sign-out").post(Anybody, sign_out::post))
        .add(
            at("/setup")
                .get(Anybody, set_up::get)
                .post(Anybody, set_up::post),
        )
        .add(
            at("/set-password")
                .get(Anybody, set_password::get)
                .post(Anybody, set_password::post),
        )
        .add(
            at(urls::FORGOT_PASSWORD)
                .get(Anybody, forgot_password::get)
                .post(Anybody, forgot_password::post),
        )
        .add(
            at("/confirm-identity")
                .get(SignedIn, confirm::get)
                .post(SignedIn, confirm::post),
        )
        .add(at("/confirm-identity/{provider}").post(SignedIn, providers::confirm::post));
}
