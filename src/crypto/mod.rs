//! Secrets: made, recognised, digested and compared. Nothing here can be printed.

pub mod digest;
pub mod key_secret;
pub mod service_credential;
pub mod token;
