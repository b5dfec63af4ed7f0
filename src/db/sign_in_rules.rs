//! What an account asks of its members at sign-in.

use chrono::DateTime;
use chrono::Utc;
use diesel::Connection;
use diesel::ExpressionMethods;
use diesel::JoinOnDsl;
use diesel::NullableExpressionMethods;
use diesel::OptionalExtension;
use diesel::PgConnection;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::schema::accounts;
use crate::db::schema::memberships;
use crate::db::schema::second_factors;
use crate::db::schema::sign_in_rules;
use crate::domain::account::AccountId;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;

/// Nothing, unless an owner or admin has set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SignInRules {
    /// A member without one sets it up before anything else opens.
    pub second_factor_required: bool,
}

pub fn find(conn: &mut PgConnection, account: AccountId) -> Result<SignInRules, DbError> {
    let row: Option<bool> = sign_in_rules::table
        .find(account.0)
        .select(sign_in_rules::second_factor_required)
        .first(conn)
        .optional()?;
    Ok(SignInRules {
        second_factor_required: row.unwrap_or_default(),
    })
}

/// How many members of the account have no second factor.
pub fn members_without_factor(conn: &mut PgConnection, account: AccountId) -> Result<i64, DbError> {
    Ok(memberships::table
        .left_join(second_factors::table.on(second_factors::user_id.eq(memberships::user_id)))
        .filter(memberships::account_id.eq(account.0))
        .filter(second_factors::user_id.nullable().is_null())
        .count()
        .get_result(conn)?)
}

/// Sets the rules; whether anything was different.
pub fn change(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    account: AccountId,
    wanted: SignInRules,
) -> Result<bool, DbError> {
    conn.transaction(|conn| {
        let (id, name): (String, String) = accounts::table
            .find(account.0)
            .select((accounts::public_id, accounts::name))
            .for_update()
            .first(conn)?;
        let before = find(conn, account)?;
        if before == wanted {
            return Ok(false);
        }
        diesel::insert_into(sign_in_rules::table)
            .values((
                sign_in_rules::account_id.eq(account.0),
                sign_in_rules::second_factor_required.eq(wanted.second_factor_required),
                sign_in_rules::changed_at.eq(now),
            ))
            .on_conflict(sign_in_rules::account_id)
            .do_update()
            .set((
                sign_in_rules::second_factor_required.eq(wanted.second_factor_required),
                sign_in_rules::changed_at.eq(now),
            ))
            .execute(conn)?;
        let target = Target {
            kind: "account",
            id: &id,
            label: &name,
        };
        let entry = AuditEntry {
            before: Some(facts(before)),
            after: Some(facts(wanted)),
            ..AuditEntry::new(Action::SignInRulesChanged, target).in_account(Some(account))
        };
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(true)
    })
}

fn facts(rules: SignInRules) -> serde_json::Value {
    json!({ "second_factor_required": rules.second_factor_required })
}
