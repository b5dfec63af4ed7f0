//! What the page of a key reads, in one go.

use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use diesel::PgConnection;

use crate::dashboard::keys::show::last_errors;
use crate::dashboard::logs::address;
use crate::dashboard::logs::chips;
use crate::dashboard::logs::chips::Failures;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::api_keys::Beside;
use crate::db::api_keys::SecretUse;
use crate::db::catalogue::Offer;
use crate::db::catalogue::Offers;
use crate::db::request_log;
use crate::db::request_log::LogPage;
use crate::db::request_log::LogQuery;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKey;
use crate::domain::api_key::ApiKeyId;

/// The last of them, to its people.
const CHANGES: i64 = 5;
/// To support staff, who are to see the whole of its life.
const LIFE: i64 = 100;

/// Of which key, and what of it.
pub struct Wanted {
    pub workspace: WorkspaceId,
    pub key: ApiKeyId,
    /// For support staff: its whole life and its last errors, of calls since then.
    pub explained_since: Option<DateTime<Utc>>,
}

pub struct Found {
    pub key: ApiKey,
    pub offer: Arc<Offer>,
    /// None if it could not be read.
    pub beside: Option<Beside>,
    pub secret_use: Option<SecretUse>,
    pub log: Option<LogPage>,
    pub failures: Option<Failures>,
    /// Where they are wanted.
    pub last_errors: Option<last_errors::Found>,
}

/// The key must be there; what else cannot be read is said in its place.
pub fn read(
    conn: &mut PgConnection,
    wanted: &Wanted,
    offers: &Offers,
    log: &LogQuery,
    now: DateTime<Utc>,
) -> Result<Found, DbError> {
    let account = log.account;
    let key = api_keys::find(conn, account, wanted.workspace, wanted.key)?;
    let rotated_at = key.retiring(now).and(key.secrets.last());
    let secret_use = rotated_at.and_then(|current| {
        let since = (current.created_at, now);
        api_keys::secret_use(conn, account, key.id, since).ok()
    });
    let failures = chips::asked(log).map(|of| chips::count(conn, &of));
    let changes = wanted.explained_since.map_or(CHANGES, |_| LIFE);
    let beside = api_keys::beside(conn, &key, changes, now).ok();
    let days = beside.as_ref().map(|beside| beside.days.as_slice());
    Ok(Found {
        last_errors: wanted
            .explained_since
            .map(|since| last_errors::find(conn, (&key, days), since, now)),
        secret_use,
        offer: offers.at(conn, key.offer_version)?,
        beside,
        key,
        failures: failures.transpose().ok().flatten().flatten(),
        log: request_log::search(conn, log, address::TIME_BOX).ok(),
    })
}
