//! Queries against a real database.

mod api_keys;
mod constraints;
mod fixture;
mod limits;
mod nodes;
mod people;
mod request_log;
mod usage;
