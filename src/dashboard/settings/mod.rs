//! Settings of a workspace, for its admins.

pub mod key_policy;
