//! For which account a page asks: set once where its door lets somebody in, heeded by every query
//! that is made behind it.
//!
//! Such queries run on connections that have the role `latchkey_tenant`, in a transaction that
//! names the account; row-level security shows them the rows of that account and no others. It is
//! the second line: the queries name their account themselves.

use diesel::Connection;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use diesel::r2d2::CustomizeConnection;
use diesel::r2d2::Error;

use crate::db::DbError;
use crate::domain::account::AccountId;

tokio::task_local! {
    static ACCOUNT: AccountId;
}

/// Runs `work`, whose every query is held to the rows of `account`; to none in particular without.
pub async fn scope<T>(account: Option<AccountId>, work: impl Future<Output = T>) -> T {
    match account {
        Some(account) => ACCOUNT.scope(account, work).await,
        None => work.await,
    }
}

/// The account of the page that asks, if it is one of an account.
pub(super) fn current() -> Option<AccountId> {
    ACCOUNT.try_with(|account| *account).ok()
}

/// Runs `work` with the rows of `account` and nothing else. Whatever it changes stays only if it
/// ends well.
pub(super) fn run<T>(
    conn: &mut PgConnection,
    account: AccountId,
    work: impl FnOnce(&mut PgConnection) -> Result<T, DbError>,
) -> Result<T, DbError> {
    conn.transaction(|conn| {
        // No bind is taken here, and none is needed: it is a number.
        conn.batch_execute(&format!("set local latchkey.account_id = {}", account.0))?;
        work(conn)
    })
}

/// Gives a new connection the role for as long as it lives: plans are never made for one role and
/// used for another.
#[derive(Debug)]
pub(super) struct Tenant;

impl CustomizeConnection<PgConnection, Error> for Tenant {
    fn on_acquire(&self, conn: &mut PgConnection) -> Result<(), Error> {
        conn.batch_execute("set role latchkey_tenant")
            .map_err(Error::QueryError)
    }
}
