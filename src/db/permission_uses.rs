//! Which permissions keys use, noted with the request log; and of each key whether that is little.

use std::collections::BTreeSet;

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::BigInt;
use diesel::sql_types::Date;
use diesel::sql_types::Int4;
use diesel::sql_types::Text;

use crate::db::DbError;
use crate::db::schema::permission_uses;
use crate::db::usage;
use crate::domain::account::AccountId;
use crate::domain::api_key::ApiKeyId;

/// This many different permissions are "few".
pub const FEW_MAX: i64 = 3;
/// Keys made right by one call of `recount`.
pub const RECOUNT_MAX: u16 = 1_000;

/// A day's use. An empty permission: the catalogue does not say what the call needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PermissionUse {
    pub account: AccountId,
    pub key: ApiKeyId,
    pub permission: String,
    pub day: NaiveDate,
}

/// Notes uses and what they mean for their keys. The keys' rows are locked by then or are locked
/// here, in order, so it belongs at the end of a transaction, after `key_use::note`.
pub fn note(
    conn: &mut PgConnection,
    uses: &BTreeSet<PermissionUse>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    if uses.is_empty() {
        return Ok(());
    }
    diesel::sql_query(
        "insert into permission_uses as old (account_id, key_id, permission, first_day, last_day)
         select account_id, key_id, permission, min(day), max(day)
           from unnest($1, $2, $3, $4) as used (account_id, key_id, permission, day)
          group by account_id, key_id, permission
          order by account_id, key_id, permission
         on conflict (account_id, key_id, permission) do update set
             first_day = least(old.first_day, excluded.first_day),
             last_day = greatest(old.last_day, excluded.last_day)",
    )
    .bind::<Array<Int4>, _>(column(uses, |one| one.account.0))
    .bind::<Array<Text>, _>(column(uses, |one| one.key.to_string()))
    .bind::<Array<Text>, _>(column(uses, |one| one.permission.clone()))
    .bind::<Array<Date>, _>(column(uses, |one| one.day))
    .execute(conn)?;
    let keys: BTreeSet<_> = uses.iter().map(|one| (one.account, one.key)).collect();
    let accounts: Vec<i32> = keys.iter().map(|(account, _)| account.0).collect();
    let ids: Vec<String> = keys.iter().map(|(_, key)| key.to_string()).collect();
    diesel::sql_query(settling(
        "(k.account_id, k.id) in (select * from unnest($4, $5))",
    ))
    .bind::<Date, _>(usage::first_day(now))
    .bind::<BigInt, _>(FEW_MAX)
    .bind::<BigInt, _>(i64::try_from(keys.len()).unwrap_or(i64::MAX))
    .bind::<Array<Int4>, _>(accounts)
    .bind::<Array<Text>, _>(ids)
    .execute(conn)?;
    Ok(())
}

/// Takes off what has left the last 30 days. Tells how many keys that changed.
pub fn recount(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<usize, DbError> {
    let changed = diesel::sql_query(settling("true"))
        .bind::<Date, _>(usage::first_day(now))
        .bind::<BigInt, _>(FEW_MAX)
        .bind::<BigInt, _>(i64::from(RECOUNT_MAX))
        .execute(conn)?;
    Ok(changed)
}

/// Binds: `$1` the first of the 30 days, `$2` how many are few, `$3` the most keys to change.
///
/// Known is what a key used if it was noted from the key's first use on, or through all 30 days.
fn settling(which: &str) -> String {
    format!(
        "with found as (
            select k.account_id, k.id, k.few_permissions as before,
                (min(u.first_day) <= $1
                    or min(u.first_day) <= (k.first_used_at at time zone 'UTC')::date) as is_known,
                coalesce(array_agg(u.permission order by u.permission)
                    filter (where u.last_day >= $1), '{{}}') as used
            from permission_uses u
            join api_keys k on k.account_id = u.account_id and k.id = u.key_id
            where {which}
            group by k.account_id, k.id),
        told as (
            select account_id, id, before,
                case when is_known and cardinality(used) <= $2 and not '' = any(used)
                    then used else '{{}}' end as few
            from found),
        wrong as (
            select k.account_id, k.id, told.few
            from told join api_keys k on k.account_id = told.account_id and k.id = told.id
            where told.few <> told.before
            order by k.account_id, k.id limit $3 for no key update of k)
        update api_keys k set few_permissions = wrong.few
        from wrong where k.account_id = wrong.account_id and k.id = wrong.id"
    )
}

/// Deletes what was last used before `first_kept` and tells how many rows that were.
pub fn forget_before(conn: &mut PgConnection, first_kept: NaiveDate) -> Result<usize, DbError> {
    let old = permission_uses::table.filter(permission_uses::last_day.lt(first_kept));
    Ok(diesel::delete(old).execute(conn)?)
}

fn column<T>(uses: &BTreeSet<PermissionUse>, of: impl Fn(&PermissionUse) -> T) -> Vec<T> {
    uses.iter().map(of).collect()
}
