//! The last calls of a key that failed, in one statement.

use std::time::Duration;

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;

use crate::db::DbError;
use crate::db::request_log::filter::LogFilter;
use crate::db::request_log::filter::Outcome;
use crate::db::request_log::row::LogRow;
use crate::db::request_log::slice::Direction;
use crate::db::request_log::slice::LogQuery;
use crate::db::time_box::within;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;

/// Of one key, from `from` up to and without `to`.
#[derive(Debug, Clone, Copy)]
pub struct FailedCalls {
    pub account: AccountId,
    pub workspace: WorkspaceId,
    pub key: ApiKeyId,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub most: u16,
}

/// Newest first; `None` if looking takes longer than `time`.
pub fn last_failures(
    conn: &mut PgConnection,
    of: &FailedCalls,
    time: Duration,
) -> Result<Option<Vec<LogRow>>, DbError> {
    let query = LogQuery {
        account: of.account,
        workspaces: vec![of.workspace],
        from: of.from,
        to: of.to,
        filter: LogFilter {
            keys: vec![of.key],
            outcome: Some(Outcome::Failed),
            ..LogFilter::default()
        },
        direction: Direction::Newest,
        limit: of.most,
    };
    let times = query.stretch();
    within(conn, time, |conn| {
        query.slice(conn, None, (&times, of.most.into()))
    })
}
