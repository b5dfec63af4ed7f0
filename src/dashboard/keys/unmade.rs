//! The steps of a deletion, see `db::api_keys::delete`, taken to their end whether or not the
//! browser waits for it: a key must not be left switched off because somebody closed a page.

use actix_web::rt;

use crate::dashboard::error::PageError;
use crate::db::Db;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::api_keys::Deleted;
use crate::db::api_keys::KeyPlace;
use crate::db::api_keys::Stopped;
use crate::db::api_keys::Stopping;
use crate::db::confirmation;
use crate::db::confirmation::Confirmation;
use crate::db::delivery;
use crate::db::delivery::Delivery;
use crate::domain::actor::Actor;
use crate::domain::clock::SharedClock;

/// What became of a deletion.
pub enum Unmade {
    Done(Confirmation),
    /// It is kept: it has been called.
    Used,
    /// It is kept: somebody did something else with it.
    Changed,
    /// It is kept: these nodes may have let it in.
    Unknown(String),
}

pub async fn unmake(
    (db, clock): (Db, SharedClock),
    actor: Actor,
    key: KeyPlace,
) -> Result<Unmade, PageError> {
    let steps = rt::spawn(async move { steps(&db, &clock, actor, key).await });
    Ok(steps.await.map_err(PageError::internal)??)
}

async fn steps(
    db: &Db,
    clock: &SharedClock,
    actor: Actor,
    key: KeyPlace,
) -> Result<Unmade, DbError> {
    let (by, now) = (actor.clone(), clock.now());
    let stopping = db
        .run(move |conn| api_keys::stop_to_delete(conn, &by, now, key))
        .await?;
    let stopped = match stopping {
        Stopping::Stopped(stopped) => stopped,
        Stopping::Used => return Ok(Unmade::Used),
    };
    let outcome = finish(db, clock, &actor, (key, stopped)).await;
    if !matches!(outcome, Ok(Unmade::Done(_))) {
        let now = clock.now();
        let restored = db
            .run(move |conn| api_keys::restore_stopped(conn, &actor, now, (key, stopped)))
            .await?;
        // Whoever reads that it is as it was may call with it at once.
        if let Some(seq) = restored {
            confirmation::wait_applied(db, seq).await?;
        }
    }
    outcome
}

async fn finish(
    db: &Db,
    clock: &SharedClock,
    actor: &Actor,
    (key, stopped): (KeyPlace, Stopped),
) -> Result<Unmade, DbError> {
    let confirmation = confirmation::wait_applied(db, stopped.seq).await?;
    if !confirmation.is_complete() {
        return Ok(Unmade::Unknown(confirmation.pending.join(", ")));
    }
    let delivery = delivery::wait_delivered(db, stopped.seq, stopped.created_at).await?;
    if let Delivery::Missing(nodes) = delivery {
        return Ok(Unmade::Unknown(nodes.join(", ")));
    }
    let (by, now) = (actor.clone(), clock.now());
    let deleted = db
        .run(move |conn| api_keys::delete_stopped(conn, &by, now, (key, stopped)))
        .await?;
    Ok(match deleted {
        Deleted::Done(seq) => Unmade::Done(confirmation::wait_applied(db, seq).await?),
        Deleted::Used => Unmade::Used,
        Deleted::Changed => Unmade::Changed,
    })
}
