//! One statement's share of a search: a stretch of time.

use std::ops::Range;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::prelude::*;
use diesel::result::Error;

use crate::db::binds::Bind;
use crate::db::binds::Binds;
use crate::db::request_log::filter::LogFilter;
use crate::db::request_log::filter::Paths;
use crate::db::request_log::row::LogRow;
use crate::db::request_log::row::Row;
use crate::db::request_log::row::with_names;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;

/// A place between rows, which are ordered by time and then by request id. An empty id stands
/// before all rows of its time.
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
    /// Of the account. None has no rows.
    pub workspaces: Vec<WorkspaceId>,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub filter: LogFilter,
    pub direction: Direction,
    pub limit: u16,
}

impl LogQuery {
    pub(super) fn is_backwards(&self) -> bool {
        matches!(self.direction, Direction::NewerThan(_))
    }

    /// What is to be searched, from the cursor on.
    pub(super) fn stretch(&self) -> Range<DateTime<Utc>> {
        match &self.direction {
            Direction::Newest => self.from..self.to,
            Direction::OlderThan(place) => {
                let end = place.at + TimeDelta::microseconds(1);
                self.from..self.to.min(end)
            }
            Direction::NewerThan(place) => self.from.max(place.at)..self.to,
        }
    }

    /// At most `most` rows of `times`, in the order of reading. Each workspace is read along its
    /// own index, and no further than that.
    pub(super) fn slice(
        &self,
        conn: &mut PgConnection,
        paths: Option<&Paths>,
        (times, most): (&Range<DateTime<Utc>>, i64),
    ) -> Result<Vec<LogRow>, Error> {
        let mut binds = Binds::default();
        let account = binds.place(Bind::Number(self.account.0));
        let ids = self.workspaces.iter().map(|workspace| workspace.0);
        let workspaces = binds.place(Bind::Numbers(ids.collect()));
        let (from, to) = (Bind::Time(times.start), Bind::Time(times.end));
        let (from, to) = (binds.place(from), binds.place(to));
        let most = binds.place(Bind::Long(most));
        let mut conditions = vec![
            format!("l.account_id = {account}"),
            "l.workspace_id = w.id".to_owned(),
            format!("l.at >= {from}"),
            format!("l.at < {to}"),
        ];
        conditions.extend(self.beyond_cursor(&mut binds));
        conditions.extend(self.filter.conditions(paths, &mut binds));
        let order = if self.is_backwards() { "asc" } else { "desc" };
        let found = format!(
            "select l.* from unnest({workspaces}) as w (id) cross join lateral (
                 select l.* from request_log l where {conditions}
                 order by l.at {order}, l.request_id {order} limit {most}) l
             order by l.at {order}, l.request_id {order} limit {most}",
            conditions = conditions.join(" and "),
        );
        let sql = format!(
            "{} order by r.at {order}, r.request_id {order}",
            with_names(&found)
        );
        let rows: Vec<Row> = binds.query(sql).load(conn)?;
        Ok(rows.into_iter().map(LogRow::from).collect())
    }

    fn beyond_cursor(&self, binds: &mut Binds) -> Option<String> {
        let (place, sign) = match &self.direction {
            Direction::Newest => return None,
            Direction::OlderThan(place) => (place, "<"),
            Direction::NewerThan(place) => (place, ">"),
        };
        let at = binds.place(Bind::Time(place.at));
        let id = binds.place(Bind::Text(place.request_id.clone()));
        Some(format!(
            "(l.at {sign} {at} or l.at = {at} and l.request_id {sign} {id})"
        ))
    }
}
