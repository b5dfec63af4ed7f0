//! The request log and Latchkey's own log.

use crate::config::Source;
use crate::domain::log_retention::KeptDays;

/// What a written record survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The end of the process; after a power cut up to 20 ms may be missing.
    Process,
    /// A power cut: each answer waits for the disk.
    Power,
}

/// What to do when a record cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFailure {
    /// Answer 503.
    Deny,
    /// Answer, and count what is missing.
    Allow,
}

#[derive(Debug, Clone)]
pub struct LogConfig {
    /// `LATCHKEY_LOG_RETENTION_DAYS`: how long the rows of the request log are kept.
    pub retention_days: u16,
    /// `LATCHKEY_LOG_DURABILITY`: `process` or `power`.
    pub durability: Durability,
    /// `LATCHKEY_LOG_FAILURE`: `deny` or `allow`.
    pub failure: LogFailure,
    /// `LATCHKEY_LOG`: what Latchkey says of itself, a tracing filter.
    pub filter: String,
    /// `LATCHKEY_LOG_FORMAT`: `text` or `json`.
    pub json: bool,
}

impl LogConfig {
    pub fn kept(&self) -> KeptDays {
        KeptDays::of_installation(self.retention_days)
    }

    pub(super) fn read(source: &mut Source<'_>) -> Self {
        let days = source.number("LATCHKEY_LOG_RETENTION_DAYS", 90, (1, 3_650));
        Self {
            retention_days: u16::try_from(days).unwrap_or(90),
            durability: source.choice(
                "LATCHKEY_LOG_DURABILITY",
                &[
                    ("process", Durability::Process),
                    ("power", Durability::Power),
                ],
                Durability::Process,
            ),
            failure: source.choice(
                "LATCHKEY_LOG_FAILURE",
                &[("deny", LogFailure::Deny), ("allow", LogFailure::Allow)],
                LogFailure::Deny,
            ),
            filter: source
                .text("LATCHKEY_LOG")
                .unwrap_or_else(|| "info".to_owned()),
            json: source.choice(
                "LATCHKEY_LOG_FORMAT",
                &[("text", false), ("json", true)],
                false,
            ),
        }
    }
}
