//! Carries the ledger's questions to the database and its leftovers back.
//!
//! What the database says is asked for in batches: all questions that gather while one batch is on
//! its way make the next.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::db::Db;
use crate::db::DbError;
use crate::db::limits;
use crate::domain::clock::SharedClock;
use crate::domain::lease::Ask;
use crate::domain::lease::Grant;
use crate::domain::lease::Leftover;
use crate::verify::ledger::Ledger;
use crate::verify::ledger::Question;

/// How often cells are looked through for what they will not spend.
const RECLAIM_INTERVAL: Duration = Duration::from_millis(250);
/// Whoever waits is told after this that the database does not answer. The answer is taken all the
/// same when it comes.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(500);
/// At the end, what cannot be given back within this is lost until its buckets free.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);

const TAKEN: &str = "latchkey_limit_leases_taken_total";
const TAKEN_UNITS: &str = "latchkey_limit_units_taken_total";
const GIVEN_BACK: &str = "latchkey_limit_units_given_back_total";
const LOST: &str = "latchkey_limit_units_lost_total";

pub struct LeaseBroker {
    db: Db,
    ledger: Ledger,
    clock: SharedClock,
}

impl LeaseBroker {
    pub fn new(db: Db, ledger: Ledger, clock: SharedClock) -> Self {
        Self { db, ledger, clock }
    }

    /// Until `stop`; then everything is given back.
    pub async fn run(self, stop: CancellationToken) {
        let broker = Arc::new(self);
        let giver = tokio::spawn(Arc::clone(&broker).give_back_until(stop.clone()));
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = broker.ledger.queued() => broker.ask_all().await,
            }
        }
        // A task that panicked has told so itself.
        let _ended = giver.await;
        broker.close().await;
    }

    async fn give_back_until(self: Arc<Self>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(RECLAIM_INTERVAL) => {}
            }
            self.ledger.reclaim(self.clock.monotonic());
            self.give_back_all().await;
        }
    }

    /// One batch after the other, until nobody asks any more.
    pub async fn ask_all(&self) {
        loop {
            let asked = self.clock.monotonic();
            let questions = self.ledger.questions(limits::SUBJECTS_MAX, asked);
            if questions.is_empty() {
                return;
            }
            self.ask(questions, asked).await;
        }
    }

    async fn ask(&self, questions: Vec<Question>, asked: Duration) {
        let asks: Vec<Ask> = questions.iter().map(|one| one.ask().clone()).collect();
        let db = self.db.clone();
        let mut answer: JoinHandle<Result<Vec<Grant>, DbError>> =
            tokio::spawn(async move { db.run(move |conn| limits::take(conn, &asks, None)).await });
        let mut told = false;
        let grants = loop {
            match tokio::time::timeout(ANSWER_TIMEOUT, &mut answer).await {
                Ok(grants) => break grants,
                // Nothing new is asked meanwhile, or a halted database would be given ever more
                // to do; but nobody is kept waiting for it.
                Err(_) if !told => {
                    told = true;
                    self.ledger.unanswered(&questions);
                }
                Err(_) => self.refuse_new(),
            }
        };
        match grants {
            Ok(Ok(grants)) if grants.len() == questions.len() => {
                count(&grants);
                let now = self.clock.monotonic();
                self.ledger.answer(&questions, &grants, asked, now);
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "limits could not be asked for");
                self.ledger.unanswered(&questions);
            }
            Ok(Ok(_)) | Err(_) => {
                tracing::error!("the answer about limits is not one to the question");
                self.ledger.unanswered(&questions);
            }
        }
    }

    fn refuse_new(&self) {
        let now = self.clock.monotonic();
        let questions = self.ledger.questions(usize::MAX, now);
        self.ledger.unanswered(&questions);
    }

    /// Gives back what cells have let go of.
    pub async fn give_back_all(&self) {
        loop {
            let leftovers = self.ledger.leftovers(limits::SUBJECTS_MAX);
            if leftovers.is_empty() {
                return;
            }
            let units = units(&leftovers);
            let given = self
                .db
                .run(move |conn| limits::give_back(conn, &leftovers, None))
                .await;
            match given {
                Ok(()) => metrics::counter!(GIVEN_BACK).increment(units),
                Err(error) => {
                    // Not a second time: it may have been done, and the answer lost.
                    tracing::debug!(%error, units, "units are lost until their buckets free");
                    metrics::counter!(LOST).increment(units);
                }
            }
        }
    }

    /// Gives everything back that this node holds.
    pub async fn close(&self) {
        self.ledger.close();
        if tokio::time::timeout(CLOSE_TIMEOUT, self.give_back_all())
            .await
            .is_err()
        {
            tracing::warn!("what was taken of limits is not given back; it frees with its buckets");
        }
    }
}

fn count(grants: &[Grant]) {
    let granted = grants.iter().filter(|grant| grant.amount > 0);
    let taken = u64::try_from(granted.clone().count()).unwrap_or_default();
    metrics::counter!(TAKEN).increment(taken);
    metrics::counter!(TAKEN_UNITS).increment(granted.map(|grant| grant.amount).sum());
}

fn units(leftovers: &[Leftover]) -> u64 {
    leftovers.iter().map(|leftover| leftover.amount).sum()
}
