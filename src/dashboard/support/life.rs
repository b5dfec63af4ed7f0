//! The life of a key, from its making on: what was done to it, by whom, and when it was used.

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::keys::change_line::ChangeLine;
use crate::dashboard::moment::Moment;
use crate::db::audit_log::AuditRow;
use crate::domain::api_key::ApiKey;

/// Newest first. What the audit log no longer has, or never had, is taken from the key itself.
pub fn of(key: &ApiKey, changes: Vec<AuditRow>, now: DateTime<Utc>) -> Vec<ChangeLine> {
    let told_making = changes.iter().any(|row| row.action == "key.created");
    let mut told: Vec<(DateTime<Utc>, ChangeLine)> = changes
        .into_iter()
        .map(|row| (row.at, ChangeLine::new(row, now)))
        .collect();
    let mut add = |at: Option<DateTime<Utc>>, actor: &str, words: &str| {
        if let Some(at) = at {
            let line = ChangeLine {
                at: Moment::new(at, now),
                actor: actor.to_owned(),
                words: words.to_owned(),
                because: String::new(),
            };
            told.push((at, line));
        }
    };
    if !told_making {
        let making = Some(key.created_at);
        add(making, &key.creator_email, "created the key");
    }
    add(key.first_used_at, "A caller", "used it for the first time");
    let last = key.last_used_at.filter(|at| key.first_used_at != Some(*at));
    add(last, "A caller", "used it for the last time so far");
    let end = key.times.expires_at;
    add(end.filter(|at| *at <= now), "It", "expired");
    add(end.filter(|at| *at > now), "It", "will expire");
    let retires = key.times.retires_at.filter(|at| *at <= now);
    add(retires, "Its old secret", "stopped working");
    told.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    told.into_iter().map(|(_, line)| line).collect()
}
