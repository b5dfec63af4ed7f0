//! For which account a page asks: set once where its door lets somebody in, heeded by every query
//! that is made behind it.
//!
//! Such queries run on connections that have the role `latchkey_tenant`, in a transaction that
//! names the account; row-level security shows them the rows of that account and no others. It is
//! the second line: the queries name their account themselves.
//!
//! What support staff see of an account is asked in the same way as `latchkey_support`, which can
//! change nothing, in a transaction that is read only.

use diesel::Connection;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use diesel::r2d2::CustomizeConnection;
use diesel::r2d2::Error;

use crate::db::DbError;
use crate::domain::account::AccountId;

tokio::task_local! {
    static TENANCY: Tenancy;
}

/// Whose rows are asked for, and whether they are only looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tenancy {
    pub(super) account: AccountId,
    pub(super) reads_only: bool,
}

/// Runs `work`, whose every query is held to the rows of `account`; to none in particular without.
pub async fn scope<T>(account: Option<AccountId>, work: impl Future<Output = T>) -> T {
    match account {
        Some(account) => {
            let tenancy = Tenancy {
                account,
                reads_only: false,
            };
            TENANCY.scope(tenancy, work).await
        }
        None => work.await,
    }
}

/// As `scope`, for support staff: nothing that `work` asks can change anything.
pub async fn looking<T>(account: AccountId, work: impl Future<Output = T>) -> T {
    let tenancy = Tenancy {
        account,
        reads_only: true,
    };
    TENANCY.scope(tenancy, work).await
}

/// The account of the page that asks, if it is one of an account.
pub(super) fn current() -> Option<Tenancy> {
    TENANCY.try_with(|tenancy| *tenancy).ok()
}

/// Runs `work` with the rows of `account` and nothing else. Whatever it changes stays only if it
/// ends well.
pub(super) fn run<T>(
    conn: &mut PgConnection,
    tenancy: Tenancy,
    work: impl FnOnce(&mut PgConnection) -> Result<T, DbError>,
) -> Result<T, DbError> {
    conn.transaction(|conn| {
        // No bind is taken here, and none is needed: it is a number.
        let only = if tenancy.reads_only {
            "set transaction read only; "
        } else {
            ""
        };
        conn.batch_execute(&format!(
            "{only}set local latchkey.account_id = {}",
            tenancy.account.0
        ))?;
        work(conn)
    })
}

/// Gives a new connection the role for as long as it lives: plans are never made for one role and
/// used for another.
#[derive(Debug)]
pub(super) enum Role {
    Tenant,
    Support,
}

impl CustomizeConnection<PgConnection, Error> for Role {
    fn on_acquire(&self, conn: &mut PgConnection) -> Result<(), Error> {
        let role = match self {
            Self::Tenant => "set role latchkey_tenant",
            Self::Support => "set role latchkey_support",
        };
        conn.batch_execute(role).map_err(Error::QueryError)
    }
}
