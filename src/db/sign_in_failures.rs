//! Failed sign-ins, per e-mail address and per network address. `domain::throttle` judges them.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::Connection;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::PgConnection;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::db::DbError;
use crate::db::schema::sign_in_failures;
use crate::domain::throttle;
use crate::domain::throttle::Failures;

const EMAIL: &str = "email";
const ADDRESS: &str = "address";

/// Who tries: the folded e-mail address and the network the request came from.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub email: String,
    pub address: String,
}

/// Counts an attempt before its password is looked at. The inner `Err` is how long to wait.
pub fn begin(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    attempt: &Attempt,
) -> Result<Result<(), TimeDelta>, DbError> {
    conn.transaction(|conn| {
        let address = known(conn, now, (ADDRESS, &attempt.address))?;
        let email = known(conn, now, (EMAIL, &attempt.email))?;
        let judged = throttle::by_address(address, now)
            .and_then(|address| Ok((address, throttle::by_email(email, now)?)));
        let (address, email) = match judged {
            Ok(failures) => failures,
            Err(wait) => return Ok(Err(wait)),
        };
        save(conn, (ADDRESS, &attempt.address), address.and_another(now))?;
        save(conn, (EMAIL, &attempt.email), email.and_another(now))?;
        Ok(Ok(()))
    })
}

/// The password was right: the address's other attempts still count, the person's do not.
pub fn forgive(conn: &mut PgConnection, attempt: &Attempt) -> Result<(), DbError> {
    conn.transaction(|conn| {
        diesel::delete(sign_in_failures::table.find((EMAIL, &attempt.email))).execute(conn)?;
        diesel::update(sign_in_failures::table.find((ADDRESS, &attempt.address)))
            .filter(sign_in_failures::failures.gt(0))
            .set(sign_in_failures::failures.eq(sign_in_failures::failures - 1))
            .execute(conn)?;
        Ok(())
    })
}

/// Forgets what no longer slows anybody down.
pub fn delete_old(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<usize, DbError> {
    Ok(diesel::delete(sign_in_failures::table)
        .filter(sign_in_failures::last_failed_at.lt(now - throttle::FORGOTTEN_AFTER))
        .execute(conn)?)
}

/// Reads the row and holds it until the end of the transaction, making it if there is none: two
/// attempts at once must not both see the old count.
fn known(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    (scope, subject): (&str, &str),
) -> Result<Option<Failures>, DbError> {
    let fresh = diesel::insert_into(sign_in_failures::table)
        .values((
            sign_in_failures::scope.eq(scope),
            sign_in_failures::subject.eq(subject),
            sign_in_failures::failures.eq(0),
            sign_in_failures::first_failed_at.eq(now),
            sign_in_failures::last_failed_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(conn)?;
    if fresh == 1 {
        return Ok(None);
    }
    let row: Option<(i32, DateTime<Utc>, DateTime<Utc>)> = sign_in_failures::table
        .find((scope, subject))
        .select((
            sign_in_failures::failures,
            sign_in_failures::first_failed_at,
            sign_in_failures::last_failed_at,
        ))
        .for_update()
        .first(conn)
        .optional()?;
    Ok(row.map(|(count, first_at, last_at)| Failures {
        count,
        first_at,
        last_at,
    }))
}

fn save(conn: &mut PgConnection, key: (&str, &str), failures: Failures) -> Result<(), DbError> {
    diesel::update(sign_in_failures::table.find(key))
        .set((
            sign_in_failures::failures.eq(failures.count),
            sign_in_failures::first_failed_at.eq(failures.first_at),
            sign_in_failures::last_failed_at.eq(failures.last_at),
        ))
        .execute(conn)?;
    Ok(())
}
