//! What is done within a look: every page opened is a row in the account's own log.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::schema::api_keys;
use crate::db::schema::support_sessions;
use crate::db::support_sessions::OVER;
use crate::db::support_sessions::SupportSession;
use crate::db::support_sessions::named;
use crate::db::support_sessions::note;
use crate::db::support_sessions::open::of;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::api_key::ApiKeyId;
use crate::domain::audit::Action;

/// What a page was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewed {
    Account,
    /// With the slug that its address has, and its name.
    Workspace(WorkspaceId, String, String),
    Key(WorkspaceId, ApiKeyId),
    Request(WorkspaceId, String),
}

/// One page that was opened, before it is shown. `DbError::Conflict` with `OVER` if the look ended
/// meanwhile.
pub fn note_view(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    session: &SupportSession,
    (page, viewed): (&str, &Viewed),
) -> Result<(), DbError> {
    conn.transaction(|conn| {
        lock_open(conn, now, session)?;
        let account = session.account();
        let (kind, workspace, id, label) = match viewed {
            Viewed::Account => {
                let (id, name) = named(conn, account)?;
                ("account", None, id, name)
            }
            Viewed::Workspace(workspace, slug, name) => {
                ("workspace", Some(*workspace), slug.clone(), name.clone())
            }
            Viewed::Key(workspace, key) => {
                let name: String = api_keys::table
                    .find((account.0, key.as_str()))
                    .select(api_keys::name)
                    .first(conn)?;
                ("key", Some(*workspace), key.to_string(), name)
            }
            Viewed::Request(workspace, id) => ("request", Some(*workspace), id.clone(), id.clone()),
        };
        let target = Target {
            kind,
            id: &id,
            label: &label,
        };
        let mut facts = session.facts();
        facts["page"] = page.into();
        let mut entry = AuditEntry::new(Action::SupportViewed, target).after(facts);
        entry.account = Some(account);
        entry.workspace = workspace;
        audit_log::insert(conn, actor, now, &entry)
    })
}

/// For the rest of the look. Nothing new, and no row, where they are shown already.
pub fn show_addresses(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    session: &SupportSession,
) -> Result<(), DbError> {
    conn.transaction(|conn| {
        lock_open(conn, now, session)?;
        let shown = diesel::update(of(session))
            .filter(support_sessions::addresses_shown_at.is_null())
            .set(support_sessions::addresses_shown_at.eq(now))
            .execute(conn)?;
        if shown == 0 {
            return Ok(());
        }
        let action = (session.account(), Action::SupportAddressesShown);
        note(conn, actor, now, action, session.facts())
    })
}

/// In the transaction that disables the key.
pub fn note_disabled(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    session: &SupportSession,
    (key, name): (ApiKeyId, &str),
) -> Result<(), DbError> {
    lock_open(conn, now, session)?;
    diesel::update(of(session))
        .set((
            support_sessions::keys_disabled.eq(support_sessions::keys_disabled + 1),
            support_sessions::disabled_key.eq(key.as_str()),
            support_sessions::disabled_key_name.eq(name),
            support_sessions::disabled_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whoever ends it waits until this is done.
fn lock_open(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    session: &SupportSession,
) -> Result<(), DbError> {
    let open: Option<i64> = of(session)
        .filter(support_sessions::ended_at.is_null())
        .filter(support_sessions::ends_at.gt(now))
        .for_share()
        .select(support_sessions::id)
        .first(conn)
        .optional()?;
    open.map(|_| ())
        .ok_or_else(|| DbError::Conflict(OVER.to_owned()))
}
