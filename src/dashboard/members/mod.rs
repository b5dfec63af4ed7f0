//! Who belongs to the account and its workspaces, and as what.

mod account;
mod cursor;
mod roster;
mod words;
mod workspace;

use actix_web::web::ServiceConfig;

use crate::dashboard::at;
use crate::dashboard::read;
use crate::dashboard::urls;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(at(urls::ACCOUNT_MEMBERS).route(read().to(account::get)))
        .service(at("/w/{w}/members").route(read().to(workspace::get)));
}
