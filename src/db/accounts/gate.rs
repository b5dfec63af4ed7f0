use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;

use crate::db::DbError;
use crate::db::corrupt;
use crate::db::schema::accounts;
use crate::domain::account::AccountId;
use crate::domain::account::CredentialKind;
use crate::domain::account::ErrorProfile;

/// What every call of an account has to pass, and how its callers are told.
#[derive(Debug, Clone)]
pub struct AccountGate {
    pub customer_id: String,
    pub suspended_at: Option<DateTime<Utc>>,
    pub profile: ErrorProfile,
    pub refused: Vec<CredentialKind>,
}

type Row = (String, Option<DateTime<Utc>>, String, Vec<Option<String>>);

pub fn gate(conn: &mut PgConnection, account: AccountId) -> Result<AccountGate, DbError> {
    let (customer_id, suspended_at, profile, refused): Row = accounts::table
        .find(account.0)
        .select((
            accounts::customer_id,
            accounts::suspended_at,
            accounts::error_profile,
            accounts::refused_credentials,
        ))
        .first(conn)?;
    Ok(AccountGate {
        customer_id,
        suspended_at,
        profile: ErrorProfile::parse(&profile)
            .ok_or_else(|| corrupt("accounts", "error_profile", &profile))?,
        refused: refused
            .iter()
            .flatten()
            .filter_map(|kind| CredentialKind::parse(kind))
            .collect(),
    })
}
