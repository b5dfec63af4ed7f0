//! Pure facts: types that can only hold what is valid, and decisions without I/O.

pub mod account;
pub mod actor;
pub mod api_key;
pub mod audit;
pub mod base62;
pub mod clock;
pub mod decision;
pub mod endpoint;
pub mod expiry;
pub mod grant;
pub mod ip_scope;
pub mod key_prefix;
pub mod key_state;
pub mod lease;
pub mod limit;
pub mod network;
pub mod password;
pub mod path;
pub mod person;
pub mod plan;
pub mod random;
pub mod request_id;
pub mod role;
pub mod text;
pub mod throttle;
pub mod viewer;
