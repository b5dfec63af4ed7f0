//! A change to a key, as its page tells it.

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::moment::Moment;
use crate::db::audit_log::AuditRow;
use crate::domain::audit::Action;

/// A row of the audit log.
pub struct ChangeLine {
    pub at: Moment,
    pub actor: String,
    pub words: String,
    pub because: String,
}

impl ChangeLine {
    pub fn new(row: AuditRow, now: DateTime<Utc>) -> Self {
        let words = Action::from_code(&row.action).map(Action::words);
        Self {
            at: Moment::new(row.at, now),
            words: words.map_or(row.action, str::to_owned),
            because: because(row.reason.as_deref()),
            actor: row.actor_label,
        }
    }
}

pub fn all(rows: Vec<AuditRow>, now: DateTime<Utc>) -> Vec<ChangeLine> {
    rows.into_iter()
        .map(|row| ChangeLine::new(row, now))
        .collect()
}

/// " (leaked)"
pub fn because(reason: Option<&str>) -> String {
    reason
        .map(|reason| format!(" ({reason})"))
        .unwrap_or_default()
}
