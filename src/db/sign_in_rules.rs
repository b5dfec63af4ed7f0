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
use crate::db::corrupt;
use crate::db::schema::accounts;
use crate::db::schema::identities;
use crate::db::schema::memberships;
use crate::db::schema::second_factors;
use crate::db::schema::sign_in_rules;
use crate::db::sessions;
use crate::domain::account::AccountId;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::identity::Provider;

/// Nothing, unless an owner or admin has set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SignInRules {
    /// A member without one sets it up before anything else opens.
    pub second_factor_required: bool,
    /// The only way in: no password, and no other provider.
    pub required_provider: Option<Provider>,
}

pub fn find(conn: &mut PgConnection, account: AccountId) -> Result<SignInRules, DbError> {
    let row: Option<(bool, Option<String>)> = sign_in_rules::table
        .find(account.0)
        .select((
            sign_in_rules::second_factor_required,
            sign_in_rules::required_provider,
        ))
        .first(conn)
        .optional()?;
    let Some((second_factor_required, provider)) = row else {
        return Ok(SignInRules::default());
    };
    Ok(SignInRules {
        second_factor_required,
        required_provider: provider.as_deref().map(parse_provider).transpose()?,
    })
}

/// The only way in at this domain, if its account has one.
pub fn provider_required_at(
    conn: &mut PgConnection,
    domain: &str,
) -> Result<Option<Provider>, DbError> {
    let provider: Option<Option<String>> = sign_in_rules::table
        .inner_join(accounts::table.on(accounts::id.eq(sign_in_rules::account_id)))
        .filter(accounts::domain.eq(domain))
        .select(sign_in_rules::required_provider)
        .first(conn)
        .optional()?;
    provider
        .flatten()
        .as_deref()
        .map(parse_provider)
        .transpose()
}

/// How many members of the account have linked no sign-in of the provider.
pub fn members_without(
    conn: &mut PgConnection,
    account: AccountId,
    provider: Provider,
) -> Result<i64, DbError> {
    let linked = identities::table
        .filter(identities::user_id.eq(memberships::user_id))
        .filter(identities::provider.eq(provider.as_str()));
    Ok(memberships::table
        .filter(memberships::account_id.eq(account.0))
        .filter(diesel::dsl::not(diesel::dsl::exists(linked)))
        .count()
        .get_result(conn)?)
}

fn parse_provider(provider: &str) -> Result<Provider, DbError> {
    Provider::parse(provider).ok_or_else(|| corrupt("sign_in_rules", "required_provider", provider))
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

/// Sets the rules; whether anything was different. Where a provider is required from now on,
/// sessions that began otherwise end.
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
        let provider = wanted.required_provider.map(Provider::as_str);
        diesel::insert_into(sign_in_rules::table)
            .values((
                sign_in_rules::account_id.eq(account.0),
                sign_in_rules::second_factor_required.eq(wanted.second_factor_required),
                sign_in_rules::required_provider.eq(provider),
                sign_in_rules::changed_at.eq(now),
            ))
            .on_conflict(sign_in_rules::account_id)
            .do_update()
            .set((
                sign_in_rules::second_factor_required.eq(wanted.second_factor_required),
                sign_in_rules::required_provider.eq(provider),
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
        if let Some(provider) = wanted.required_provider
            && before.required_provider != wanted.required_provider
        {
            sessions::end_begun_elsewhere(conn, actor, now, account, provider)?;
        }
        Ok(true)
    })
}

fn facts(rules: SignInRules) -> serde_json::Value {
    json!({
        "second_factor_required": rules.second_factor_required,
        "required_provider": rules.required_provider.map(Provider::as_str),
    })
}
