//! Browsers that were sent to a provider and are not back yet. Each comes back once, within ten
//! minutes, or not at all.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::PgConnection;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::db::DbError;
use crate::db::corrupt;
use crate::db::schema::pending_sign_ins;
use crate::domain::identity::Provider;
use crate::domain::person::UserId;

/// Long enough for a second factor at the provider.
pub const VALID_FOR: TimeDelta = TimeDelta::minutes(10);
/// From one network at a time. A row goes when its browser is back.
const PER_ADDRESS_MAX: i64 = 100;

/// What the person wants of the provider's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// To sign in at this domain.
    SignIn(String),
    /// To link what the answer identifies to this person, who is signed in.
    Link(UserId),
}

#[derive(Debug)]
pub struct Pending {
    pub provider: Provider,
    /// SHA-256 of what only the browser holds.
    pub browser: [u8; 32],
    pub purpose: Purpose,
    /// Where to go on; checked again before it is used.
    pub next: String,
}

/// Keeps what a browser was sent away with. `false` if its network has too many on their way.
pub fn insert(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    (state, address): (&[u8; 32], &str),
    pending: &Pending,
) -> Result<bool, DbError> {
    let on_their_way: i64 = pending_sign_ins::table
        .filter(pending_sign_ins::address.eq(address))
        .filter(pending_sign_ins::created_at.gt(now - VALID_FOR))
        .count()
        .get_result(conn)?;
    if on_their_way >= PER_ADDRESS_MAX {
        return Ok(false);
    }
    let (domain, user) = match &pending.purpose {
        Purpose::SignIn(domain) => (Some(domain.as_str()), None),
        Purpose::Link(user) => (None, Some(*user)),
    };
    diesel::insert_into(pending_sign_ins::table)
        .values((
            pending_sign_ins::state_digest.eq(state.as_slice()),
            pending_sign_ins::browser_digest.eq(pending.browser.as_slice()),
            pending_sign_ins::provider.eq(pending.provider.as_str()),
            pending_sign_ins::domain.eq(domain),
            pending_sign_ins::user_id.eq(user),
            pending_sign_ins::next.eq(&pending.next),
            pending_sign_ins::address.eq(address),
            pending_sign_ins::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(true)
}

type Row = (
    Vec<u8>,
    String,
    Option<String>,
    Option<UserId>,
    String,
    DateTime<Utc>,
);

/// What belongs to a state, once: whoever presents it, it is gone then.
pub fn take(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    state: &[u8; 32],
) -> Result<Option<Pending>, DbError> {
    let row: Option<Row> = diesel::delete(pending_sign_ins::table.find(state.as_slice()))
        .returning((
            pending_sign_ins::browser_digest,
            pending_sign_ins::provider,
            pending_sign_ins::domain,
            pending_sign_ins::user_id,
            pending_sign_ins::next,
            pending_sign_ins::created_at,
        ))
        .get_result(conn)
        .optional()?;
    let Some((browser, provider, domain, user, next, created_at)) = row else {
        return Ok(None);
    };
    if now >= created_at + VALID_FOR {
        return Ok(None);
    }
    let broken = |column: &'static str, value: &str| corrupt("pending_sign_ins", column, value);
    Ok(Some(Pending {
        provider: Provider::parse(&provider).ok_or_else(|| broken("provider", &provider))?,
        browser: browser
            .try_into()
            .map_err(|_| broken("browser_digest", "of another length"))?,
        purpose: match (domain, user) {
            (Some(domain), None) => Purpose::SignIn(domain),
            (None, Some(user)) => Purpose::Link(user),
            _ => return Err(broken("domain", "beside a person")),
        },
        next,
    }))
}

/// Forgets those who never came back.
pub fn delete_old(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<usize, DbError> {
    let old = pending_sign_ins::created_at.lt(now - VALID_FOR);
    Ok(diesel::delete(pending_sign_ins::table)
        .filter(old)
        .execute(conn)?)
}
