//! API keys: the list, one key, and what can be done with it.

pub mod cursor;
pub mod list_query;
pub mod log_query;
pub mod search;
pub mod status;
