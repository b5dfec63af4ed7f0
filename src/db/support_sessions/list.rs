//! Looks as pages list them.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::Value;

use crate::db::DbError;
use crate::db::schema::accounts;
use crate::db::schema::audit_log;
use crate::db::schema::support_sessions;
use crate::db::support_sessions::SupportSession;
use crate::domain::account::AccountId;
use crate::domain::audit::Action;
use crate::domain::person::UserId;
use crate::domain::support::ANSWER_WITHIN;

/// An owner is told so long on the overview that support disabled a key.
const TOLD_FOR: TimeDelta = TimeDelta::days(7);

/// At most `most` of the account before the row `before`, newest first.
pub fn of_account(
    conn: &mut PgConnection,
    account: AccountId,
    before: Option<i64>,
    most: i64,
) -> Result<Vec<SupportSession>, DbError> {
    Ok(support_sessions::table
        .filter(support_sessions::account_id.eq(account.0))
        .filter(support_sessions::id.lt(before.unwrap_or(i64::MAX)))
        .order(support_sessions::id.desc())
        .limit(most)
        .select(SupportSession::as_select())
        .load(conn)?)
}

/// As `of_account`, of one person in all accounts, with each account's public id and name.
pub fn of_person(
    conn: &mut PgConnection,
    person: UserId,
    before: Option<i64>,
    most: i64,
) -> Result<Vec<(SupportSession, String, String)>, DbError> {
    Ok(support_sessions::table
        .inner_join(accounts::table)
        .filter(support_sessions::user_id.eq(person))
        .filter(support_sessions::id.lt(before.unwrap_or(i64::MAX)))
        .order(support_sessions::id.desc())
        .limit(most)
        .select((
            SupportSession::as_select(),
            accounts::public_id,
            accounts::name,
        ))
        .load(conn)?)
}

/// `NotFound` if the account has none of this name.
pub fn find(
    conn: &mut PgConnection,
    account: AccountId,
    public_id: &str,
) -> Result<SupportSession, DbError> {
    Ok(support_sessions::table
        .filter(support_sessions::account_id.eq(account.0))
        .filter(support_sessions::public_id.eq(public_id))
        .select(SupportSession::as_select())
        .first(conn)?)
}

/// Those that wait for an owner's answer, and those in which a key was disabled lately; the latest.
pub fn notices(
    conn: &mut PgConnection,
    account: AccountId,
    now: DateTime<Utc>,
    most: i64,
) -> Result<Vec<SupportSession>, DbError> {
    let waits = support_sessions::opened_at
        .is_null()
        .and(support_sessions::ended_at.is_null())
        .and(support_sessions::declined_at.is_null())
        .and(support_sessions::requested_at.gt(now - ANSWER_WITHIN));
    let disabled = support_sessions::disabled_at.is_not_null().and(
        support_sessions::disabled_at
            .assume_not_null()
            .gt(now - TOLD_FOR),
    );
    Ok(support_sessions::table
        .filter(support_sessions::account_id.eq(account.0))
        .filter(waits.or(disabled))
        .order(support_sessions::id.desc())
        .limit(most)
        .select(SupportSession::as_select())
        .load(conn)?)
}

/// One thing that was done in a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub at: DateTime<Utc>,
    /// `None` for a code that this version does not know.
    pub action: Option<Action>,
    /// Empty but for a page that was opened.
    pub page: String,
    pub target_kind: String,
    pub target_id: String,
    pub target: String,
}

/// What was done in the look, oldest first, at most `most` after the row `after`; each with its row.
pub fn looks(
    conn: &mut PgConnection,
    session: &SupportSession,
    after: i64,
    most: i64,
) -> Result<Vec<(i64, Look)>, DbError> {
    type Row = (
        i64,
        DateTime<Utc>,
        String,
        Option<Value>,
        String,
        String,
        String,
    );
    let until = session.stopped_at().unwrap_or(DateTime::<Utc>::MAX_UTC);
    let until = until.min(session.requested_at + TimeDelta::days(366));
    let rows: Vec<Row> = audit_log::table
        .filter(audit_log::account_id.eq(session.account_id))
        .filter(audit_log::actor_kind.eq("support"))
        .filter(audit_log::actor_id.eq(session.user_id.to_string()))
        .filter(audit_log::at.between(session.requested_at, until))
        .filter(audit_log::id.gt(after))
        .order(audit_log::id)
        .limit(most)
        .select((
            audit_log::id,
            audit_log::at,
            audit_log::action,
            audit_log::after,
            audit_log::target_kind,
            audit_log::target_id,
            audit_log::target_label,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, at, action, facts, target_kind, target_id, target)| {
            let page = facts.as_ref().and_then(|facts| facts["page"].as_str());
            let look = Look {
                at,
                action: Action::from_code(&action),
                page: page.unwrap_or_default().to_owned(),
                target_kind,
                target_id,
                target,
            };
            (id, look)
        })
        .collect())
}
