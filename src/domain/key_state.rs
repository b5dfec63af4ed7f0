//! A key's state, derived from its times and never stored.

use chrono::DateTime;
use chrono::Utc;

/// In order of precedence when several hold: `Revoked` first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyState {
    Revoked,
    Expired,
    Disabled,
    /// Active, and an old secret still works.
    Rotating,
    Active,
}

/// The times that make a key's state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeyTimes {
    pub revoked_at: Option<DateTime<Utc>>,
    pub disabled_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    /// When the retiring secret stops working, if the key has one.
    pub retires_at: Option<DateTime<Utc>>,
}

impl KeyTimes {
    /// A time set at all means revoked.
    pub fn is_revoked(&self) -> bool {
        self.revoked_at.is_some()
    }

    /// At its very moment it is.
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|at| now >= at)
    }

    /// A time set at all means disabled.
    pub fn is_disabled(&self) -> bool {
        self.disabled_at.is_some()
    }

    pub fn state(&self, now: DateTime<Utc>) -> KeyState {
        if self.is_revoked() {
            KeyState::Revoked
        } else if self.is_expired(now) {
            KeyState::Expired
        } else if self.is_disabled() {
            KeyState::Disabled
        } else if self.retires_at.is_some_and(|at| now < at) {
            KeyState::Rotating
        } else {
            KeyState::Active
        }
    }
}

impl KeyState {
    /// Revoked and expired keys are over; the others may work now or again.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Revoked | Self::Expired)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn revoked_goes_before_expired_before_disabled_before_rotating() {
        let mut times = KeyTimes {
            revoked_at: Some(at(1)),
            disabled_at: Some(at(2)),
            expires_at: Some(at(3)),
            retires_at: Some(at(100)),
        };
        assert_eq!(times.state(at(10)), KeyState::Revoked);
        times.revoked_at = None;
        assert_eq!(times.state(at(10)), KeyState::Expired);
        times.expires_at = None;
        assert_eq!(times.state(at(10)), KeyState::Disabled);
        times.disabled_at = None;
        assert_eq!(times.state(at(10)), KeyState::Rotating);
        assert_eq!(times.state(at(100)), KeyState::Active);
    }

    #[test]
    fn a_key_expires_at_its_very_moment() {
        let times = KeyTimes {
            expires_at: Some(at(10)),
            ..KeyTimes::default()
        };
        assert_eq!(times.state(at(9)), KeyState::Active);
        assert_eq!(times.state(at(10)), KeyState::Expired);
    }
}
