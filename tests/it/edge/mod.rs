//! What programs talk to, as it runs.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod credentials;
mod forward_auth;
mod gateway;
mod health;
mod own_key;
mod repeats;
mod verify;
mod verify_faults;
