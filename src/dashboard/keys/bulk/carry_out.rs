//! One transaction for each key, as if they had been stopped one by one; the nodes are waited for
//! once.

use chrono::DateTime;
use chrono::Utc;
use diesel::PgConnection;

use crate::dashboard::error::PageError;
use crate::dashboard::keys::bulk::Bulk;
use crate::dashboard::keys::bulk::choice::Choice;
use crate::dashboard::keys::bulk::choice::Passed;
use crate::dashboard::signed_in::InWorkspace;
use crate::db::Db;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::api_keys::ALREADY_REVOKED;
use crate::db::api_keys::ChosenKey;
use crate::db::api_keys::NOTHING_TO_SWITCH;
use crate::db::api_keys::Revocation;
use crate::db::api_keys::Switch;
use crate::db::confirmation;
use crate::db::confirmation::Confirmation;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;

pub struct Outcome {
    pub bulk: Bulk,
    pub done: Vec<ChosenKey>,
    pub passed: Vec<(String, Passed)>,
    /// None where nothing was done.
    pub confirmation: Option<Confirmation>,
    pub back_url: String,
}

/// Who does it, where, why.
struct Order {
    actor: Actor,
    place: (AccountId, WorkspaceId),
    reason: Option<String>,
    bulk: Bulk,
    now: DateTime<Utc>,
}

pub async fn carry_out(
    place: &InWorkspace,
    db: &Db,
    (choice, reason): (Choice, Option<String>),
    now: DateTime<Utc>,
) -> Result<Outcome, PageError> {
    let order = Order {
        actor: place.actor(),
        place: (place.account, place.workspace.id),
        reason,
        bulk: choice.bulk,
        now,
    };
    let keys = choice.stoppable;
    let results = db.run(move |conn| Ok(stop_all(conn, &order, keys))).await?;
    let mut outcome = Outcome {
        bulk: choice.bulk,
        done: Vec::new(),
        passed: choice.passed,
        confirmation: None,
        back_url: choice.back_url,
    };
    let mut last = None;
    for (key, result) in results {
        match result {
            Ok(seq) => {
                last = last.max(Some(seq));
                outcome.done.push(key);
            }
            Err(why) => outcome.passed.push((key.name, why)),
        }
    }
    if let Some(seq) = last {
        // Changes are applied in their order, so the last one stands for all.
        outcome.confirmation = Some(confirmation::wait_applied(db, seq).await?);
    }
    Ok(outcome)
}

type Stopped = (ChosenKey, Result<i64, Passed>);

/// What is done stays done and is told, whatever becomes of the rest.
fn stop_all(conn: &mut PgConnection, order: &Order, keys: Vec<ChosenKey>) -> Vec<Stopped> {
    let mut broken = false;
    keys.into_iter()
        .map(|key| {
            if broken {
                return (key, Err(Passed::Failed));
            }
            let result = stop(conn, order, &key).map_err(|error| why(&error));
            broken = result == Err(Passed::Failed);
            (key, result)
        })
        .collect()
}

fn stop(conn: &mut PgConnection, order: &Order, key: &ChosenKey) -> Result<i64, DbError> {
    let (account_id, workspace_id) = order.place;
    match order.bulk {
        Bulk::Disable => {
            let place = (account_id, workspace_id, key.id);
            api_keys::switch(conn, &order.actor, order.now, place, Switch::Off)
        }
        Bulk::Revoke => {
            let revocation = Revocation {
                account_id,
                workspace_id,
                id: key.id,
                reason: order.reason.as_deref(),
            };
            api_keys::revoke(conn, &order.actor, order.now, &revocation)
        }
    }
}

/// Somebody was faster, or the database is away; that is logged here, once.
fn why(error: &DbError) -> Passed {
    match error {
        DbError::NotFound => Passed::Unknown,
        error if error.is_conflict_on(ALREADY_REVOKED) => Passed::AlreadyRevoked,
        error if error.is_conflict_on(NOTHING_TO_SWITCH) => Passed::AlreadyDisabled,
        error => {
            tracing::error!(%error, "stopping several keys broke off");
            Passed::Failed
        }
    }
}
