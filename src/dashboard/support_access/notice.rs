//! What an owner is told on the overview: that somebody of support waits to be let in, or disabled
//! a key lately.

use chrono::DateTime;
use chrono::Utc;
use diesel::PgConnection;

use crate::dashboard::moment::Moment;
use crate::db::DbError;
use crate::db::support_sessions;
use crate::db::support_sessions::SessionState;
use crate::db::support_sessions::SupportSession;
use crate::domain::account::AccountId;

/// The latest; the page has them all.
const SHOWN: i64 = 3;

/// In words.
pub fn read(
    conn: &mut PgConnection,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<Vec<String>, DbError> {
    let told = support_sessions::notices(conn, account, now, SHOWN)?;
    Ok(told.iter().map(|session| in_words(session, now)).collect())
}

fn in_words(session: &SupportSession, now: DateTime<Utc>) -> String {
    let who = &session.staff_name;
    if session.state(now) == SessionState::Waiting {
        let because = session.because();
        return format!("{who} of support asks to look into the account. {because}.");
    }
    let key = session.disabled_key_name.as_deref().unwrap_or("a key");
    let when = session
        .disabled_at
        .map_or_else(String::new, |at| Moment::new(at, now).relative());
    let ticket = &session.ticket;
    format!("{who} of support disabled the key {key} in an emergency {when}. Ticket {ticket}.")
}
