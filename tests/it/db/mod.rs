//! Queries against a real database.

mod api_keys;
mod fixture;
mod nodes;
mod request_log;
mod usage;
