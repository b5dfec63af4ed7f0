//! A clock that a test sets.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use latchkey::domain::clock::Clock;
use parking_lot::Mutex;

#[derive(Clone)]
pub struct TestClock(Arc<Mutex<Times>>);

struct Times {
    now: DateTime<Utc>,
    monotonic: Duration,
}

impl TestClock {
    /// Starts at `now`, written as in RFC 3339.
    pub fn at(now: &str) -> Self {
        let now = now.parse().unwrap_or_else(|_| panic!("{now} is no time"));
        Self(Arc::new(Mutex::new(Times {
            now,
            monotonic: Duration::ZERO,
        })))
    }

    /// The time of day alone, as when it is set by hand.
    pub fn set(&self, now: DateTime<Utc>) {
        self.0.lock().now = now;
    }

    /// Both clocks go on by as much.
    pub fn advance(&self, by: Duration) {
        let mut times = self.0.lock();
        times.now += TimeDelta::from_std(by).unwrap_or_default();
        times.monotonic += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.lock().now
    }

    fn monotonic(&self) -> Duration {
        self.0.lock().monotonic
    }
}
