//! What logs and charts are read from: a replica, if there is one that is not far behind; else the
//! database itself.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use diesel::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Double;
use diesel::sql_types::Nullable;

use crate::db::Db;
use crate::db::DbError;
use crate::db::connection_url::Patience;
use crate::db::tenant;
use crate::domain::clock::SharedClock;

/// A replica that is further behind is not read.
pub const BEHIND_MAX: Duration = Duration::from_mins(1);

/// One that failed, or was too far behind, is not asked again for so long: no page waits for it.
const REST: Duration = Duration::from_secs(5);

/// A replica that is slow to answer is no help.
const REPLICA: Patience = Patience {
    pool_wait: Duration::from_secs(1),
    silence: Duration::from_secs(6),
};

/// The longest search, and then some. A replica that hangs is given up after this.
const ANSWER_MAX: Duration = Duration::from_secs(4);

/// What was found, and how old it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read<T> {
    pub found: T,
    /// How far the replica was behind that it was read from; `None`: it is as it is.
    pub behind: Option<Duration>,
}

pub(super) struct Replica {
    db: Db,
    clock: SharedClock,
    /// On the monotonic clock, in milliseconds.
    rests_until: AtomicU64,
}

impl Db {
    /// The same database, with one at `url` that follows it.
    #[must_use]
    pub fn with_replica(self, url: &str, connections_max: u32, clock: SharedClock) -> Self {
        let replica = Replica {
            db: Self::open(url, connections_max, REPLICA),
            clock,
            rests_until: AtomicU64::new(0),
        };
        Self {
            replica: Some(Arc::new(replica)),
            ..self
        }
    }

    /// Runs `work`, which changes nothing, on the replica if it is there, able and fresh; on the
    /// database itself if not. What the replica cannot find is looked for there too: it may be new.
    pub async fn read<T, F>(&self, work: F) -> Result<Read<T>, DbError>
    where
        T: Send + 'static,
        F: Fn(&mut PgConnection) -> Result<T, DbError> + Clone + Send + 'static,
    {
        if let Some(replica) = self.replica.as_ref().filter(|replica| replica.is_asked()) {
            let db = Self {
                account: self.account.or_else(tenant::current),
                ..replica.db.clone()
            };
            let told = tokio::time::timeout(ANSWER_MAX, db.run(asked(work.clone()))).await;
            let told = told.unwrap_or_else(|late| Err(DbError::Unavailable(late.to_string())));
            if let Some(read) = replica.judge(told) {
                return Ok(read);
            }
        }
        let found = self.run(work).await?;
        Ok(Read {
            found,
            behind: None,
        })
    }
}

/// `work`, unless the replica is too far behind.
fn asked<T>(
    work: impl FnOnce(&mut PgConnection) -> Result<T, DbError>,
) -> impl FnOnce(&mut PgConnection) -> Result<Asked<T>, DbError> {
    move |conn| {
        let behind = behind(conn)?;
        match behind.filter(|behind| *behind <= BEHIND_MAX) {
            Some(behind) => Ok(Asked::Told(work(conn)?, behind)),
            None => Ok(Asked::TooFarBehind(behind)),
        }
    }
}

enum Asked<T> {
    Told(T, Duration),
    /// Unknown where it has never heard of a node.
    TooFarBehind(Option<Duration>),
}

impl Replica {
    fn is_asked(&self) -> bool {
        self.now() >= self.rests_until.load(Ordering::Relaxed)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.clock.monotonic().as_millis()).unwrap_or(u64::MAX)
    }

    fn judge<T>(&self, asked: Result<Asked<T>, DbError>) -> Option<Read<T>> {
        match asked {
            Ok(Asked::Told(found, behind)) => {
                return Some(Read {
                    found,
                    behind: Some(behind),
                });
            }
            Ok(Asked::TooFarBehind(behind)) => {
                tracing::warn!(?behind, "the replica is too far behind to be read");
            }
            // Not a fault of the replica: what is asked for may be new, or not be at all.
            Err(DbError::NotFound) => return None,
            Err(error) => tracing::warn!(%error, "the replica cannot be read"),
        }
        let rest = u64::try_from(REST.as_millis()).unwrap_or(u64::MAX);
        self.rests_until
            .store(self.now().saturating_add(rest), Ordering::Relaxed);
        None
    }
}

#[derive(QueryableByName)]
struct Behind {
    #[diesel(sql_type = Nullable<Double>)]
    seconds: Option<f64>,
}

/// How old the youngest heartbeat of a node is. Nodes write one each half second, so a replica that
/// lost its database, or was made a database of its own, falls behind by this measure too.
fn behind(conn: &mut PgConnection) -> Result<Option<Duration>, DbError> {
    let behind: Behind = diesel::sql_query(
        "select extract(epoch from clock_timestamp() - max(heartbeat_at))::float8 as seconds
           from nodes",
    )
    .get_result(conn)?;
    Ok(behind
        .seconds
        .map(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)))
}
