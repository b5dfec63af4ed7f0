//! Accounts as the operator sees and sets them.

use chrono::DateTime;
use chrono::Utc;
use diesel::dsl::count_star;
use diesel::dsl::max;
use diesel::prelude::*;
use serde_json::Value;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::key_changes;
use crate::db::pattern::containing;
use crate::db::schema::accounts;
use crate::db::schema::api_keys;
use crate::db::schema::plans;
use crate::domain::account::AccountId;
use crate::domain::account::CredentialKind;
use crate::domain::account::ErrorProfile;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct OperatedAccount {
    pub id: i32,
    pub public_id: String,
    pub domain: String,
    pub customer_id: String,
    pub name: String,
    pub plan: String,
    pub error_profile: String,
    pub suspended_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub refused_credentials: Vec<Option<String>>,
    /// `None` for as long as the installation keeps all logs.
    pub log_retention_days: Option<i16>,
}

/// What the operator chooses for an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSettings {
    /// The slug of a plan that exists.
    pub plan: String,
    pub profile: ErrorProfile,
    pub refused: Vec<CredentialKind>,
}

/// Which accounts to list. Empty texts ask for nothing.
#[derive(Debug, Clone, Default)]
pub struct AccountSearch {
    /// In the domain, the name or the customer id, in any case.
    pub text: String,
    /// The slug of their plan.
    pub plan: String,
    /// After this domain.
    pub after: String,
}

/// At most `most` accounts in the order of their domains, each with the name of its plan.
pub fn list(
    conn: &mut PgConnection,
    search: &AccountSearch,
    most: i64,
) -> Result<Vec<(OperatedAccount, String)>, DbError> {
    let within = containing(&search.text);
    let mut found = accounts::table
        .inner_join(plans::table.on(plans::slug.eq(accounts::plan)))
        .filter(accounts::domain.gt(&search.after))
        .filter(
            accounts::domain
                .ilike(&within)
                .or(accounts::name.ilike(&within))
                .or(accounts::customer_id.ilike(&within)),
        )
        .order(accounts::domain)
        .limit(most)
        .select((OperatedAccount::as_select(), plans::name))
        .into_boxed();
    if !search.plan.is_empty() {
        found = found.filter(accounts::plan.eq(&search.plan));
    }
    Ok(found.load(conn)?)
}

/// `NotFound` if there is none.
pub fn find(conn: &mut PgConnection, public_id: &str) -> Result<OperatedAccount, DbError> {
    Ok(accounts::table
        .filter(accounts::public_id.eq(public_id))
        .select(OperatedAccount::as_select())
        .first(conn)?)
}

/// How many keys of the account work, and when one was used last: who suspends it should know.
pub fn activity(
    conn: &mut PgConnection,
    account: &OperatedAccount,
    now: DateTime<Utc>,
) -> Result<(i64, Option<DateTime<Utc>>), DbError> {
    Ok(api_keys::table
        .filter(api_keys::account_id.eq(account.id))
        .filter(api_keys::revoked_at.is_null())
        .filter(api_keys::disabled_at.is_null())
        .filter(
            api_keys::expires_at
                .is_null()
                .or(api_keys::expires_at.gt(now)),
        )
        .select((count_star(), max(api_keys::last_used_at)))
        .first(conn)?)
}

/// Slugs and names of the plans that are offered, and of the account's own.
pub fn plans(conn: &mut PgConnection, own: &str) -> Result<Vec<(String, String)>, DbError> {
    Ok(plans::table
        .filter(plans::offered.or(plans::slug.eq(own)))
        .order((plans::position, plans::slug))
        .select((plans::slug, plans::name))
        .load(conn)?)
}

/// Sets what is chosen. The number of the change, `None` if it changes nothing.
pub fn change(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    public_id: &str,
    chosen: &AccountSettings,
) -> Result<Option<i64>, DbError> {
    conn.transaction(|conn| {
        let old = locked(conn, public_id)?;
        let refused: Vec<Option<String>> = chosen
            .refused
            .iter()
            .map(|kind| Some(kind.as_str().to_owned()))
            .collect();
        let profile = chosen.profile.as_str();
        let same = old.plan == chosen.plan
            && old.error_profile == profile
            && old.refused_credentials == refused;
        if same {
            return Ok(None);
        }
        diesel::update(accounts::table.find(old.id))
            .set((
                accounts::plan.eq(&chosen.plan),
                accounts::error_profile.eq(profile),
                accounts::refused_credentials.eq(&refused),
            ))
            .execute(conn)?;
        let seq = key_changes::drawn_here(conn)?;
        let before = facts(&old.plan, &old.error_profile, &old.refused_credentials);
        let after = facts(&chosen.plan, profile, &refused);
        let mut entry = AuditEntry::new(Action::AccountUpdated, target(&old))
            .in_account(Some(AccountId(old.id)))
            .after(after);
        entry.before = Some(before);
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(Some(seq))
    })
}

/// Suspends the account, or lets it go on. The number of the change, `None` if it is so already.
pub fn suspend(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    public_id: &str,
    suspended: bool,
) -> Result<Option<i64>, DbError> {
    conn.transaction(|conn| {
        let old = locked(conn, public_id)?;
        if old.suspended_at.is_some() == suspended {
            return Ok(None);
        }
        diesel::update(accounts::table.find(old.id))
            .set(accounts::suspended_at.eq(suspended.then_some(now)))
            .execute(conn)?;
        let seq = key_changes::drawn_here(conn)?;
        let action = if suspended {
            Action::AccountSuspended
        } else {
            Action::AccountResumed
        };
        let entry = AuditEntry::new(action, target(&old)).in_account(Some(AccountId(old.id)));
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(Some(seq))
    })
}

fn locked(conn: &mut PgConnection, public_id: &str) -> Result<OperatedAccount, DbError> {
    Ok(accounts::table
        .filter(accounts::public_id.eq(public_id))
        .for_update()
        .select(OperatedAccount::as_select())
        .first(conn)?)
}

fn target(account: &OperatedAccount) -> Target<'_> {
    Target {
        kind: "account",
        id: &account.public_id,
        label: &account.name,
    }
}

fn facts(plan: &str, profile: &str, refused: &[Option<String>]) -> Value {
    json!({ "plan": plan, "error_profile": profile, "refused_credentials": refused })
}
