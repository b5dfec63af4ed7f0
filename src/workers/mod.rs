//! Loops that carry news between the database, the mirror and the spool.

pub mod mirror_sync;
pub mod own_key_revoker;
