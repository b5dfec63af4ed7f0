//! What workspaces ask of their keys.

mod breaking;

use std::collections::HashMap;

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::Value;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::corrupt;
use crate::db::schema::key_policies;
use crate::db::schema::workspaces;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::grant;
use crate::domain::key_policy::KeyCreators;
use crate::domain::key_policy::KeyPolicy;

pub use crate::db::key_policies::breaking::Breaking;
pub use crate::db::key_policies::breaking::KEYS_MAX;
pub use crate::db::key_policies::breaking::breaking;

/// `DbError::Conflict` with this: the policy is no longer the version that was looked at.
pub const CHANGED_MEANWHILE: &str = "key_policies_changed_meanwhile";

#[derive(Queryable, Selectable)]
#[diesel(table_name = key_policies, check_for_backend(diesel::pg::Pg))]
struct Row {
    longest_life: Option<i32>,
    default_expiry: Option<String>,
    scopes: Vec<Option<String>>,
    creators: String,
    version: i32,
}

/// The default one where none was set.
pub fn find(
    conn: &mut PgConnection,
    account: AccountId,
    workspace: WorkspaceId,
) -> Result<KeyPolicy, DbError> {
    let mut found = of(conn, account, &[workspace])?;
    Ok(found.remove(&workspace).unwrap_or_default())
}

/// Those of `workspaces` that were set.
pub fn of(
    conn: &mut PgConnection,
    account: AccountId,
    workspaces: &[WorkspaceId],
) -> Result<HashMap<WorkspaceId, KeyPolicy>, DbError> {
    let ids: Vec<i32> = workspaces.iter().map(|workspace| workspace.0).collect();
    let rows: Vec<(i32, Row)> = key_policies::table
        .filter(key_policies::account_id.eq(account.0))
        .filter(key_policies::workspace_id.eq_any(ids))
        .select((key_policies::workspace_id, Row::as_select()))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, row)| Ok((WorkspaceId(id), policy(row)?)))
        .collect()
}

/// What cannot be read would be no rule.
fn policy(row: Row) -> Result<KeyPolicy, DbError> {
    let longest_life = row.longest_life.map(|days| {
        u16::try_from(days).map_err(|_| corrupt("key_policies", "longest_life", &days.to_string()))
    });
    let scopes: Vec<String> = row.scopes.into_iter().flatten().collect();
    Ok(KeyPolicy {
        longest_life: longest_life.transpose()?,
        default_expiry: row.default_expiry,
        scopes: (!scopes.iter().any(|one| one == grant::ANY)).then_some(scopes),
        creators: KeyCreators::parse(&row.creators)
            .ok_or_else(|| corrupt("key_policies", "creators", &row.creators))?,
        version: row.version,
    })
}

/// Sets the policy that `wanted.version` was made from, with its audit row. False if it is so
/// already, and nothing was written.
pub fn change(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (account, workspace): (AccountId, WorkspaceId),
    wanted: &KeyPolicy,
) -> Result<bool, DbError> {
    conn.transaction(|conn| {
        // Where no policy is yet, the workspace's row is what two changes meet at.
        let (public_id, name): (String, String) = workspaces::table
            .find((account.0, workspace.0))
            .select((workspaces::public_id, workspaces::name))
            .for_no_key_update()
            .first(conn)?;
        let before = find(conn, account, workspace)?;
        if before.version != wanted.version {
            return Err(DbError::Conflict(CHANGED_MEANWHILE.to_owned()));
        }
        if before == *wanted {
            return Ok(false);
        }
        write(conn, now, (account, workspace), wanted)?;
        let target = Target {
            kind: "workspace",
            id: &public_id,
            label: &name,
        };
        let entry = AuditEntry {
            before: Some(facts(&before)),
            ..AuditEntry::new(Action::KeyPolicyChanged, target)
                .in_workspace(account, workspace)
                .after(facts(wanted))
        };
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(true)
    })
}

fn write(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    (account, workspace): (AccountId, WorkspaceId),
    wanted: &KeyPolicy,
) -> Result<(), DbError> {
    let every = || vec![grant::ANY.to_owned()];
    let values = (
        key_policies::longest_life.eq(wanted.longest_life.map(i32::from)),
        key_policies::default_expiry.eq(&wanted.default_expiry),
        key_policies::scopes.eq(wanted.scopes.clone().unwrap_or_else(every)),
        key_policies::creators.eq(wanted.creators.as_str()),
        key_policies::version.eq(wanted.version + 1),
        key_policies::updated_at.eq(now),
    );
    diesel::insert_into(key_policies::table)
        .values((
            key_policies::account_id.eq(account.0),
            key_policies::workspace_id.eq(workspace.0),
            values.clone(),
        ))
        .on_conflict((key_policies::account_id, key_policies::workspace_id))
        .do_update()
        .set(values)
        .execute(conn)?;
    Ok(())
}

fn facts(policy: &KeyPolicy) -> Value {
    json!({
        "longest_life_days": policy.longest_life,
        "default_expiry": policy.default_expiry,
        "scopes": policy.scopes,
        "creators": policy.creators.as_str(),
    })
}
