//! The name of one request, on every answer and in the log: `req_`, its time, chance.

use std::fmt;

use chrono::DateTime;
use chrono::Utc;

use crate::domain::base62;
use crate::domain::random::NoRandomness;
use crate::domain::random::Random;

const PREFIX: &str = "req_";
const TIME_LETTERS: usize = 8;
const CHANCE_LETTERS: usize = 8;
const LENGTH: usize = PREFIX.len() + TIME_LETTERS + CHANCE_LETTERS;

/// 20 characters. The time in it (milliseconds) lets a look-up read one short stretch of the log
/// instead of an index over all of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId([u8; LENGTH]);

impl RequestId {
    pub fn generate(now: DateTime<Utc>, random: &dyn Random) -> Result<Self, NoRandomness> {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        let mut letters = [0; LENGTH];
        let (prefix, rest) = letters.split_at_mut(PREFIX.len());
        let (time, chance) = rest.split_at_mut(TIME_LETTERS);
        prefix.copy_from_slice(PREFIX.as_bytes());
        time.copy_from_slice(&base62::encode::<TIME_LETTERS>(millis));
        chance.copy_from_slice(&base62::random::<CHANCE_LETTERS>(random)?);
        Ok(Self(letters))
    }

    /// `None` if `text` is no request id.
    pub fn parse(text: &str) -> Option<Self> {
        let letters: [u8; LENGTH] = text.as_bytes().try_into().ok()?;
        let rest = text.strip_prefix(PREFIX)?;
        base62::is_base62(rest).then_some(Self(letters))
    }

    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// ASCII letters, for who copies them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// When the request came, to the millisecond.
    pub fn at(&self) -> Option<DateTime<Utc>> {
        let time = &self.0[PREFIX.len()..PREFIX.len() + TIME_LETTERS];
        DateTime::from_timestamp_millis(i64::try_from(base62::decode(time)?).ok()?)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::random::OsRandom;

    #[test]
    fn a_request_id_tells_its_time_and_reads_back() {
        let now = DateTime::from_timestamp_millis(1_795_000_000_123).unwrap();
        let id = RequestId::generate(now, &OsRandom).unwrap();
        assert_eq!(id.at(), Some(now));
        assert_eq!(RequestId::parse(id.as_str()), Some(id));
        assert_eq!(RequestId::parse("req_short"), None);
    }
}
