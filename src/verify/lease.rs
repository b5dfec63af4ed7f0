//! How long a node may decide on what it knows, and what time it is by the database's clock.

use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

/// Before the first renewal.
const NEVER: i64 = i64::MIN;

/// Renewed by each successful look at the database. All times here are the node's monotonic clock,
/// so no jump of a wall clock can stretch it.
pub struct Lease {
    lasts: Duration,
    /// Monotonic microseconds up to which decisions may be made.
    until: AtomicI64,
    /// What to add to monotonic microseconds to get the database's time.
    offset: AtomicI64,
}

impl Lease {
    pub fn new(lasts: Duration) -> Self {
        Self {
            lasts,
            until: AtomicI64::new(NEVER),
            offset: AtomicI64::new(0),
        }
    }

    /// Renews from `asked`, the moment *before* the database was asked: whatever was committed
    /// after it may be unknown here. `database_now` is taken as if it were read at `asked` too, so
    /// this node's idea of the time is never behind the database's and no key outlives its expiry.
    pub fn renew(&self, asked: Duration, database_now: DateTime<Utc>) {
        let asked_us = micros(asked);
        self.offset.store(
            database_now.timestamp_micros() - asked_us,
            Ordering::Relaxed,
        );
        self.until
            .store(asked_us + micros(self.lasts), Ordering::Release);
    }

    /// From now on nothing may be decided.
    pub fn end(&self) {
        self.until.store(NEVER, Ordering::Release);
    }

    /// The database's time, or `None` if the lease has run out.
    pub fn now(&self, monotonic: Duration) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.now_us(monotonic)?)
    }

    /// The same in microseconds since 1970.
    pub fn now_us(&self, monotonic: Duration) -> Option<i64> {
        let now = micros(monotonic);
        let lasts = now < self.until.load(Ordering::Acquire);
        lasts.then(|| now + self.offset.load(Ordering::Relaxed))
    }

    /// For how long a renewal lasts.
    pub fn lasts(&self) -> Duration {
        self.lasts
    }

    /// How much of the lease is left; nothing if it has run out.
    pub fn left(&self, monotonic: Duration) -> TimeDelta {
        let until = self.until.load(Ordering::Acquire);
        if until == NEVER {
            return TimeDelta::zero();
        }
        TimeDelta::microseconds((until - micros(monotonic)).max(0))
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: u64) -> Duration {
        Duration::from_secs(second)
    }

    fn database(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn nobody_may_decide_before_the_first_news() {
        assert_eq!(Lease::new(second(2)).now(second(0)), None);
    }

    #[test]
    fn a_lease_ends_counted_from_the_question() {
        let lease = Lease::new(second(2));
        lease.renew(second(10), database(1_000));
        assert_eq!(lease.now(second(11)), Some(database(1_001)));
        assert_eq!(lease.now(second(12)), None);
        assert_eq!(lease.left(second(11)), TimeDelta::seconds(1));
    }

    #[test]
    fn a_renewal_follows_a_clock_that_was_set() {
        let lease = Lease::new(second(2));
        lease.renew(second(10), database(1_000));
        lease.renew(second(11), database(5_000));
        assert_eq!(lease.now(second(12)), Some(database(5_001)));
    }
}
