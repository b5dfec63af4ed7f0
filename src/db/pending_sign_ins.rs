//! Browsers that were sent to a provider and are not back yet. Each comes back once, within ten
//! minutes, or not at all.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::PgConnection;
use diesel::QueryDsl;
use diesel::Queryable;
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
    /// To prove again that it is this person, who is signed in.
    Confirm(UserId),
    /// To accept the invitation whose token has this SHA-256.
    Join([u8; 32]),
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
    let (mut domain, mut links, mut confirms, mut invitation) = (None, None, None, None);
    match &pending.purpose {
        Purpose::SignIn(at) => domain = Some(at.as_str()),
        Purpose::Link(user) => links = Some(*user),
        Purpose::Confirm(user) => confirms = Some(*user),
        Purpose::Join(digest) => invitation = Some(digest.as_slice()),
    }
    diesel::insert_into(pending_sign_ins::table)
        .values((
            pending_sign_ins::state_digest.eq(state.as_slice()),
            pending_sign_ins::browser_digest.eq(pending.browser.as_slice()),
            pending_sign_ins::provider.eq(pending.provider.as_str()),
            pending_sign_ins::domain.eq(domain),
            pending_sign_ins::user_id.eq(links),
            pending_sign_ins::confirms.eq(confirms),
            pending_sign_ins::invitation.eq(invitation),
            pending_sign_ins::next.eq(&pending.next),
            pending_sign_ins::address.eq(address),
            pending_sign_ins::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(true)
}

#[derive(Queryable)]
struct Row {
    browser: Vec<u8>,
    provider: String,
    domain: Option<String>,
    links: Option<UserId>,
    confirms: Option<UserId>,
    invitation: Option<Vec<u8>>,
    next: String,
    created_at: DateTime<Utc>,
}

impl Row {
    fn purpose(&self) -> Result<Purpose, DbError> {
        let invitation = self.invitation.as_deref().map(digest).transpose()?;
        match (&self.domain, self.links, self.confirms, invitation) {
            (Some(domain), None, None, None) => Ok(Purpose::SignIn(domain.clone())),
            (None, Some(user), None, None) => Ok(Purpose::Link(user)),
            (None, None, Some(user), None) => Ok(Purpose::Confirm(user)),
            (None, None, None, Some(digest)) => Ok(Purpose::Join(digest)),
            _ => Err(broken("domain", "not one purpose")),
        }
    }
}

fn digest(stored: &[u8]) -> Result<[u8; 32], DbError> {
    let digest = stored.try_into();
    digest.map_err(|_| broken("browser_digest", "of another length"))
}

fn broken(column: &'static str, value: &str) -> DbError {
    corrupt("pending_sign_ins", column, value)
}

/// What belongs to a state and when its browser left, once: whoever presents it, it is gone then.
pub fn take(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    state: &[u8; 32],
) -> Result<Option<(Pending, DateTime<Utc>)>, DbError> {
    let row: Option<Row> = diesel::delete(pending_sign_ins::table.find(state.as_slice()))
        .returning((
            pending_sign_ins::browser_digest,
            pending_sign_ins::provider,
            pending_sign_ins::domain,
            pending_sign_ins::user_id,
            pending_sign_ins::confirms,
            pending_sign_ins::invitation,
            pending_sign_ins::next,
            pending_sign_ins::created_at,
        ))
        .get_result(conn)
        .optional()?;
    let Some(row) = row else {
        return Ok(None);
    };
    if now >= row.created_at + VALID_FOR {
        return Ok(None);
    }
    let provider = Provider::parse(&row.provider);
    let pending = Pending {
        provider: provider.ok_or_else(|| broken("provider", &row.provider))?,
        browser: digest(&row.browser)?,
        purpose: row.purpose()?,
        next: row.next,
    };
    Ok(Some((pending, row.created_at)))
}

/// Forgets those who never came back.
pub fn delete_old(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<usize, DbError> {
    let old = pending_sign_ins::created_at.lt(now - VALID_FOR);
    Ok(diesel::delete(pending_sign_ins::table)
        .filter(old)
        .execute(conn)?)
}
