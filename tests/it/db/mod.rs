//! Queries against a real database.

mod api_keys;
mod audit_search;
mod constraints;
mod erasing;
pub mod fixture;
mod leaving;
mod limits;
mod log_search;
mod migrations;
mod nodes;
mod people;
mod replica;
mod request_log;
mod usage;
