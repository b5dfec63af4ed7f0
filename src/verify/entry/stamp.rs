use std::num::NonZero;

use chrono::DateTime;
use chrono::Utc;

/// A moment to the microsecond, as the database has it. Eight bytes, also as an `Option`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Stamp(NonZero<i64>);

/// Microseconds are kept with this added, which is before all times: so none is kept as 0.
const NEVER: i64 = i64::MIN;

impl Stamp {
    pub fn at(self) -> DateTime<Utc> {
        let micros = self.0.get().wrapping_add(NEVER);
        DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::<Utc>::MIN_UTC)
    }
}

impl From<DateTime<Utc>> for Stamp {
    fn from(at: DateTime<Utc>) -> Self {
        let kept = NonZero::new(at.timestamp_micros().wrapping_add(NEVER));
        Self(kept.unwrap_or(NonZero::<i64>::MIN))
    }
}

impl std::fmt::Debug for Stamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.at().fmt(f)
    }
}
