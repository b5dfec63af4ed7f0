use std::net::IpAddr;
use std::time::Duration;
use std::time::Instant;

use chrono::DateTime;
use chrono::Utc;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::DatabaseErrorKind;
use diesel::result::Error;
use ipnet::IpNet;

use crate::db::DbError;
use crate::db::log_schema::request_log;
use crate::db::schema::log_texts;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;

diesel::alias!(log_texts as paths: Paths, log_texts as agents: Agents);

/// Whose rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogOf {
    Key(ApiKeyId),
    Workspace(WorkspaceId),
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// 2 for 2xx, and so on.
    Class(u16),
    Status(u16),
    Denied(DenyReason),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogFilter {
    pub outcome: Option<Outcome>,
    pub method: Option<Method>,
}

/// A place between rows, which are ordered by time and then by request id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogCursor {
    pub at: DateTime<Utc>,
    pub request_id: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Direction {
    /// The newest rows.
    #[default]
    Newest,
    OlderThan(LogCursor),
    NewerThan(LogCursor),
}

/// One page of rows from `from` up to and without `to`, newest first.
#[derive(Debug, Clone)]
pub struct LogQuery {
    pub account: AccountId,
    pub of: LogOf,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub filter: LogFilter,
    pub direction: Direction,
    pub limit: u16,
}

#[derive(Debug, Clone)]
pub struct LogRow {
    pub at: DateTime<Utc>,
    pub request_id: String,
    pub key_id: String,
    pub method: Option<Method>,
    pub path: String,
    pub agent: String,
    /// None while the upstream has not answered.
    pub status: Option<u16>,
    pub denial: Option<DenyReason>,
    pub duration_us: Option<i32>,
    pub ip: Option<IpAddr>,
    pub credits: i32,
}

#[derive(Debug, Clone, Default)]
pub struct LogRows {
    pub rows: Vec<LogRow>,
    pub has_newer: bool,
    pub has_older: bool,
}

#[derive(Debug, Clone)]
pub enum LogPage {
    Found(LogRows),
    /// The search took longer than its time box.
    Stopped,
}

/// Reads one page, for at most `time_box`.
pub fn page(
    conn: &mut PgConnection,
    query: &LogQuery,
    time_box: Duration,
) -> Result<LogPage, DbError> {
    let timeout = format!("set local statement_timeout = {}", time_box.as_millis());
    let started = Instant::now();
    let found = conn.transaction(|conn| {
        diesel::sql_query(timeout).execute(conn)?;
        rows(conn, query)
    });
    match found {
        Ok(rows) => Ok(LogPage::Found(page_of(query, rows))),
        Err(error) if was_cancelled(&error) && started.elapsed() >= time_box => {
            Ok(LogPage::Stopped)
        }
        Err(error) => Err(error.into()),
    }
}

/// A cancelled query has no kind of its own in diesel, and its message is in the server's
/// language.
fn was_cancelled(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(DatabaseErrorKind::Unknown, _))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = request_log, check_for_backend(Pg))]
struct Row {
    at: DateTime<Utc>,
    request_id: String,
    key_id: String,
    method: i16,
    status: Option<i16>,
    code: i16,
    duration_us: Option<i32>,
    ip: Option<IpNet>,
    credits: i32,
}

/// The row, its path, its user agent.
type Found = (Row, String, String);

/// In the order of reading, one more than the page holds where there are more.
fn rows(conn: &mut PgConnection, query: &LogQuery) -> Result<Vec<Found>, Error> {
    let mut statement = request_log::table
        .inner_join(paths.on(paths.field(log_texts::id).eq(request_log::path_id)))
        .inner_join(agents.on(agents.field(log_texts::id).eq(request_log::agent_id)))
        .filter(request_log::account_id.eq(query.account.0))
        .filter(request_log::at.ge(query.from))
        .filter(request_log::at.lt(query.to))
        .limit(i64::from(query.limit) + 1)
        .select((
            Row::as_select(),
            paths.field(log_texts::value),
            agents.field(log_texts::value),
        ))
        .into_boxed::<Pg>();
    statement = match query.of {
        LogOf::Key(key) => statement.filter(request_log::key_id.eq(key.to_string())),
        LogOf::Workspace(workspace) => statement.filter(request_log::workspace_id.eq(workspace.0)),
    };
    statement = match query.filter.outcome {
        None => statement,
        Some(Outcome::Class(class)) => {
            let first = number(class * 100);
            statement.filter(request_log::status.between(first, first + 99))
        }
        Some(Outcome::Status(status)) => statement.filter(request_log::status.eq(number(status))),
        Some(Outcome::Denied(reason)) => {
            statement.filter(request_log::code.eq(i16::from(reason.number())))
        }
    };
    if let Some(method) = query.filter.method {
        statement = statement.filter(request_log::method.eq(i16::from(method.number())));
    }
    let newest_first = (request_log::at.desc(), request_log::request_id.desc());
    let oldest_first = (request_log::at.asc(), request_log::request_id.asc());
    // The plain bound on the time is what the index and the partitions understand.
    match &query.direction {
        Direction::Newest => statement.order(newest_first),
        Direction::OlderThan(LogCursor { at, request_id }) => statement
            .filter(request_log::at.le(at))
            .filter(
                request_log::at
                    .lt(at)
                    .or(request_log::request_id.lt(request_id)),
            )
            .order(newest_first),
        Direction::NewerThan(LogCursor { at, request_id }) => statement
            .filter(request_log::at.ge(at))
            .filter(
                request_log::at
                    .gt(at)
                    .or(request_log::request_id.gt(request_id)),
            )
            .order(oldest_first),
    }
    .load(conn)
}

/// A status as the table stores it.
fn number(status: u16) -> i16 {
    i16::try_from(status).unwrap_or(i16::MAX)
}

fn page_of(query: &LogQuery, mut found: Vec<Found>) -> LogRows {
    let more = found.len() > usize::from(query.limit);
    found.truncate(usize::from(query.limit));
    let backwards = matches!(query.direction, Direction::NewerThan(_));
    if backwards {
        found.reverse();
    }
    LogRows {
        rows: found.into_iter().map(log_row).collect(),
        has_newer: if backwards {
            more
        } else {
            query.direction != Direction::Newest
        },
        has_older: backwards || more,
    }
}

fn log_row((row, path, agent): Found) -> LogRow {
    let small = |number: i16| u8::try_from(number).ok();
    LogRow {
        at: row.at,
        request_id: row.request_id,
        key_id: row.key_id,
        method: small(row.method).and_then(Method::from_number),
        path,
        agent,
        status: row.status.and_then(|status| u16::try_from(status).ok()),
        denial: small(row.code).and_then(DenyReason::from_number),
        duration_us: row.duration_us,
        ip: row.ip.map(|net| net.addr()),
        credits: row.credits,
    }
}
