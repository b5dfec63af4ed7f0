//! Settings of a workspace, for its admins.

pub mod features;
pub mod key_policy;
pub mod log_retention;
pub mod sign_in;
