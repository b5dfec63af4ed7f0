//! What a key was when it was called, by what its row tells and the key's own times.

use crate::db::request_log::LogRow;
use crate::domain::api_key::ApiKey;
use crate::domain::decision::DenyReason;

pub fn of(key: &ApiKey, row: &LogRow) -> &'static str {
    match row.denial {
        Some(DenyReason::Revoked) => "Revoked, or its secret had ended,",
        Some(DenyReason::Expired) => "Expired",
        Some(DenyReason::Disabled) => "Disabled",
        Some(
            DenyReason::Malformed
            | DenyReason::NotFound
            | DenyReason::IpBlocked
            | DenyReason::AccountSuspended,
        ) => "Not looked at",
        _ if was_rotating(key, row) => "Rotating",
        _ => "Active",
    }
}

/// An old secret still worked beside the one after it.
fn was_rotating(key: &ApiKey, row: &LogRow) -> bool {
    key.secrets.windows(2).any(|pair| {
        let [old, new] = pair else { return false };
        let worked = old.retires_at.is_some_and(|at| row.at < at);
        worked && new.created_at <= row.at
    })
}
