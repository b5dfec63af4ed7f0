//! Loops that carry news between the database, the mirror and the spool.

pub mod app_usage;
pub mod audit_heads;
pub mod credential_use;
pub mod failed_attempts;
pub mod ip_blocks;
pub mod lease_broker;
pub mod log_shipper;
pub mod mirror_sync;
pub mod overlap_letters;
pub mod own_key_revoker;
pub mod retention;
