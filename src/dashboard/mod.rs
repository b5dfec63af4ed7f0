//! What people talk to: pages, forms, sessions.

pub mod chart;
pub mod confirmation;
pub mod console;
pub mod csrf;
pub mod error;
mod error_page;
mod fault;
pub mod flash;
pub mod form;
pub mod html;
pub mod keys;
mod looks;
pub mod moment;
pub mod number;
pub mod page;
pub mod posted;
pub mod session;
pub mod signed_in;
pub mod site;
pub mod urls;
pub mod visitor;

#[cfg(test)]
mod macros_test;

use actix_web::web::ServiceConfig;

/// Every address of the console.
pub fn routes(_config: &mut ServiceConfig) {}
