//! The only door to the database: one pool, queries off the async threads, errors in four kinds.

pub mod accounts;
pub mod api_keys;
pub mod audit_log;
mod binds;
pub mod catalogue;
pub mod confirmation;
mod connection_url;
pub mod copy;
pub mod delivery;
pub mod error;
pub mod failed_attempts;
pub mod identities;
pub mod invitations;
pub mod ip_blocks;
pub mod key_changes;
pub mod key_policies;
pub mod key_use;
pub mod limits;
pub mod log_gaps;
pub mod log_retention;
pub mod log_schema;
pub mod log_texts;
pub mod members;
pub mod memberships;
pub mod meter_usage;
pub mod meters;
pub mod migrations;
pub mod mirror;
pub mod nodes;
pub mod one_time_links;
mod pattern;
pub mod pending_sign_ins;
pub mod permission_uses;
pub mod plan_usage;
pub mod plans;
pub mod presets;
mod replica;
pub mod request_log;
pub mod restored;
pub mod schema;
pub mod second_factors;
pub mod service_credentials;
pub mod sessions;
mod sessions_live;
mod sessions_own;
pub mod sign_in_failures;
pub mod sign_in_rules;
pub mod sought;
pub mod spool_cursors;
pub mod staff_grants;
pub mod support_search;
pub mod support_sessions;
pub mod tenant;
mod time_box;
pub mod usage;
pub mod usage_events;
pub mod usage_places;
pub mod users;
pub mod workspaces;

use std::sync::Arc;
use std::time::Duration;

use diesel::PgConnection;
use diesel::r2d2::Builder;
use diesel::r2d2::ConnectionManager;
use diesel::r2d2::Pool;

use crate::db::connection_url::Patience;
use crate::db::replica::Replica;
use crate::db::tenant::Role;
use crate::db::tenant::Tenancy;
use crate::domain::account::AccountId;
use crate::domain::base62;
use crate::domain::random::NoRandomness;
use crate::domain::random::Random;

pub use crate::db::error::DbError;
pub use crate::db::replica::BEHIND_MAX;
pub use crate::db::replica::Read;

/// A page must not hang because the database is away.
const PAGES: Patience = Patience {
    pool_wait: Duration::from_secs(3),
    silence: Duration::from_secs(6),
};

/// Nor may a node miss the moment when the database is back.
const NODES: Patience = Patience {
    pool_wait: Duration::from_millis(800),
    silence: Duration::from_secs(2),
};

type Connections = Builder<ConnectionManager<PgConnection>>;

/// More of support at once wait for one another.
const SUPPORTERS_MAX: u32 = 4;

/// A cheap handle on the pool. Every query goes through `run`.
#[derive(Clone)]
pub struct Db {
    pool: Pool<ConnectionManager<PgConnection>>,
    /// For what the pages of an account ask; see `tenant`.
    tenants: Pool<ConnectionManager<PgConnection>>,
    /// For what support staff see of an account.
    supporters: Pool<ConnectionManager<PgConnection>>,
    /// Instead of the account of the page that asks.
    account: Option<Tenancy>,
    /// For `read`.
    replica: Option<Arc<Replica>>,
    opened: Arc<Opened>,
}

/// What the pool was opened with.
struct Opened {
    url: String,
    connections_max: u32,
    patience: Patience,
}

impl Db {
    /// Does not connect yet; the first `run` does, so a server may start before its database.
    pub fn new(url: &str, connections_max: u32) -> Self {
        Self::open(url, connections_max, PAGES)
    }

    /// As `new`, for work that the node's lease hangs on: it would rather fail soon and be tried
    /// again than wait.
    pub fn impatient(url: &str, connections_max: u32) -> Self {
        Self::open(url, connections_max, NODES)
    }

    fn open(url: &str, connections_max: u32, patience: Patience) -> Self {
        let pool = || {
            Pool::builder()
                .max_size(connections_max)
                .connection_timeout(patience.pool_wait)
                .test_on_check_out(true)
        };
        let manager = || ConnectionManager::new(patience.applied_to(url));
        let of_role = |pool: Connections, role| {
            pool.min_idle(Some(0))
                .connection_customizer(Box::new(role))
                .build_unchecked(manager())
        };
        let supporters_max = connections_max.min(SUPPORTERS_MAX);
        Self {
            pool: pool().min_idle(Some(1)).build_unchecked(manager()),
            tenants: of_role(pool(), Role::Tenant),
            supporters: of_role(pool().max_size(supporters_max), Role::Support),
            account: None,
            replica: None,
            opened: Arc::new(Opened {
                url: url.to_owned(),
                connections_max,
                patience,
            }),
        }
    }

    /// The same database through connections of its own, for when those of this pool do not
    /// answer any more.
    #[must_use]
    pub fn reopened(&self) -> Self {
        let opened = &self.opened;
        Self::open(&opened.url, opened.connections_max, opened.patience)
    }

    /// Runs `work` on a connection, off the async threads: waiting for the connection blocks as
    /// much as the query does.
    pub async fn run<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection) -> Result<T, DbError> + Send + 'static,
    {
        let db = Self {
            account: self.account.or_else(tenant::current),
            ..self.clone()
        };
        match tokio::task::spawn_blocking(move || db.run_blocking(work)).await {
            Ok(result) => result,
            Err(stopped) => Err(DbError::Unavailable(stopped.to_string())),
        }
    }

    /// As `run`, for threads that may block.
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    pub fn run_blocking<T>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        let pool = match self.account {
            None => &self.pool,
            Some(tenancy) if tenancy.reads_only => &self.supporters,
            Some(_) => &self.tenants,
        };
        let mut connection = pool
            .get()
            .map_err(|error| DbError::Unavailable(error.to_string()))?;
        match self.account {
            Some(tenancy) => tenant::run(&mut connection, tenancy, work),
            None => work(&mut connection),
        }
    }

    /// The same database for what goes on when the page of `account` is answered: a file that is
    /// still being sent.
    #[must_use]
    pub fn of(&self, account: AccountId) -> Self {
        Self {
            account: Some(Tenancy {
                account,
                reads_only: false,
            }),
            ..self.clone()
        }
    }
}

/// A row's name for the outside: `acc_4fZk0QpL9aBc`.
fn public_id(kind: &str, random: &dyn Random) -> Result<String, NoRandomness> {
    let letters = base62::random::<12>(random)?;
    Ok(format!(
        "{kind}_{}",
        str::from_utf8(&letters).unwrap_or_default()
    ))
}

fn corrupt(table: &'static str, column: &'static str, value: &str) -> DbError {
    DbError::Corrupt {
        table,
        column,
        value: value.to_owned(),
    }
}
