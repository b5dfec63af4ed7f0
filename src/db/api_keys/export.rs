use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::json;

use crate::db::DbError;
use crate::db::api_keys::list::KeyList;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::schema::workspaces;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Count {
    #[diesel(sql_type = BigInt)]
    keys: i64,
}

/// An export, as the audit log tells it.
pub struct KeyExport<'a> {
    /// As an address writes it.
    pub filter: &'a str,
    pub rows_max: u32,
}

/// Notes that somebody takes what `list` finds, and tells how many keys that are. `None`, and
/// nothing noted, for more than `rows_max`.
pub fn begin_export(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    list: &KeyList,
    export: &KeyExport<'_>,
) -> Result<Option<i64>, DbError> {
    conn.transaction(|conn| {
        let sql = format!(
            "select count(*) as keys from (select from api_keys k where k.account_id = $1
                and k.workspace_id = $2 and {} limit $10) found",
            list.filter.sql()
        );
        let found: Count = list
            .filter
            .bound(sql, (list.account_id, list.workspace_id), now)
            .bind::<BigInt, _>(i64::from(export.rows_max) + 1)
            .get_result(conn)?;
        if found.keys > i64::from(export.rows_max) {
            return Ok(None);
        }
        let (id, label): (String, String) = workspaces::table
            .filter(workspaces::account_id.eq(list.account_id.0))
            .filter(workspaces::id.eq(list.workspace_id.0))
            .select((workspaces::public_id, workspaces::name))
            .first(conn)?;
        let target = Target {
            kind: "workspace",
            id: &id,
            label: &label,
        };
        let entry = AuditEntry::new(Action::KeysExported, target)
            .in_workspace(list.account_id, list.workspace_id)
            .after(json!({ "filter": export.filter, "keys": found.keys }));
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(Some(found.keys))
    })
}
