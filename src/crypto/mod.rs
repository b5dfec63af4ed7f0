//! Secrets: made, recognised, digested and compared. Nothing here can be printed.

pub mod digest;
pub mod form_key;
pub mod key_secret;
pub mod password;
pub mod seal;
pub mod second_factor;
pub mod service_credential;
pub mod token;
