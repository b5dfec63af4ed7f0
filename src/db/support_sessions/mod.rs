//! Looks of support staff into accounts: who, why, until when, and what came of it.

mod decide;
mod list;
mod look;
mod open;

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::Value;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::schema::support_sessions;
use crate::domain::account::AccountId;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::person::UserId;
use crate::domain::support;

pub use crate::db::support_sessions::decide::asks;
pub use crate::db::support_sessions::decide::decide;
pub use crate::db::support_sessions::decide::owners;
pub use crate::db::support_sessions::decide::set_asks;
pub use crate::db::support_sessions::list::Look;
pub use crate::db::support_sessions::list::find;
pub use crate::db::support_sessions::list::looks;
pub use crate::db::support_sessions::list::notices;
pub use crate::db::support_sessions::list::of_account;
pub use crate::db::support_sessions::list::of_person;
pub use crate::db::support_sessions::look::Viewed;
pub use crate::db::support_sessions::look::note_disabled;
pub use crate::db::support_sessions::look::note_view;
pub use crate::db::support_sessions::look::show_addresses;
pub use crate::db::support_sessions::open::NewSession;
pub use crate::db::support_sessions::open::end;
pub use crate::db::support_sessions::open::live;
pub use crate::db::support_sessions::open::open;
pub use crate::db::support_sessions::open::renew;

/// `DbError::Conflict` with this: the session is over, or was answered already.
pub const OVER: &str = "support_sessions_over";

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = support_sessions, check_for_backend(diesel::pg::Pg))]
pub struct SupportSession {
    pub account_id: i32,
    pub id: i64,
    pub public_id: String,
    pub user_id: UserId,
    pub staff_name: String,
    pub staff_email: String,
    pub ticket: String,
    pub reason: String,
    pub note: String,
    pub requested_at: DateTime<Utc>,
    pub opened_at: Option<DateTime<Utc>>,
    pub ends_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub declined_at: Option<DateTime<Utc>>,
    pub decided_by: Option<String>,
    pub renewals: i32,
    pub addresses_shown_at: Option<DateTime<Utc>>,
    pub keys_disabled: i32,
    pub disabled_key: Option<String>,
    pub disabled_key_name: Option<String>,
    pub disabled_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// An owner is asked.
    Waiting,
    Declined,
    /// Nobody answered in time.
    Lapsed,
    Open,
    Over,
}

impl SupportSession {
    pub fn account(&self) -> AccountId {
        AccountId(self.account_id)
    }

    pub fn state(&self, now: DateTime<Utc>) -> SessionState {
        match (self.declined_at, self.ends_at) {
            (Some(_), _) => SessionState::Declined,
            (None, Some(ends_at)) if self.ended_at.is_none() && now < ends_at => SessionState::Open,
            (None, Some(_)) => SessionState::Over,
            (None, None) if self.ended_at.is_some() => SessionState::Lapsed,
            (None, None) if now - self.requested_at < support::ANSWER_WITHIN => {
                SessionState::Waiting
            }
            (None, None) => SessionState::Lapsed,
        }
    }

    /// When it stopped, whether somebody ended it or its time was over.
    pub fn stopped_at(&self) -> Option<DateTime<Utc>> {
        self.ended_at.or(self.ends_at)
    }

    /// Ticket and reason, as audit rows have them.
    pub fn because(&self) -> String {
        support::in_words(&self.ticket, &self.reason, &self.note)
    }

    fn facts(&self) -> Value {
        json!({ "session": self.public_id, "ticket": self.ticket, "reason": self.reason })
    }
}

/// A row in the account's own log about the account as a whole.
fn note(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (account, action): (AccountId, Action),
    facts: Value,
) -> Result<(), DbError> {
    let (public_id, name) = named(conn, account)?;
    let target = Target {
        kind: "account",
        id: &public_id,
        label: &name,
    };
    let entry = AuditEntry::new(action, target)
        .in_account(Some(account))
        .after(facts);
    audit_log::insert(conn, actor, now, &entry)
}

/// Public id and name.
fn named(conn: &mut PgConnection, account: AccountId) -> Result<(String, String), DbError> {
    use crate::db::schema::accounts;
    Ok(accounts::table
        .find(account.0)
        .select((accounts::public_id, accounts::name))
        .first(conn)?)
}
