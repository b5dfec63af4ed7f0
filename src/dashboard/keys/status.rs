//! A key's state as its badge says it.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::dashboard::keys::limit_rows;
use crate::dashboard::moment::Moment;
use crate::domain::key_state::KeyState;
use crate::domain::key_state::KeyTimes;
use crate::domain::limit::Window;

/// A key that ends sooner than this says so.
const EXPIRING_WITHIN: TimeDelta = TimeDelta::days(7);

/// `kind` picks the outline and the tone, see `macros/badge.html`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusBadge {
    pub kind: &'static str,
    pub text: String,
}

impl StatusBadge {
    /// `limited` is the limit that is reached, if one is: it stops every call of a working key.
    pub fn of(times: &KeyTimes, limited: Option<Window>, now: DateTime<Utc>) -> Self {
        let (kind, text) = match times.state(now) {
            KeyState::Revoked => ("revoked", "Revoked"),
            KeyState::Expired => ("expired", "Expired"),
            KeyState::Disabled => ("disabled", "Disabled"),
            KeyState::Rotating | KeyState::Active if limited.is_some() => {
                ("limited", limited.map_or("", limit_rows::reached_words))
            }
            KeyState::Rotating => ("rotating", "Rotating"),
            KeyState::Active => return Self::of_active(times.expires_at, now),
        };
        Self {
            kind,
            text: text.to_owned(),
        }
    }

    fn of_active(expires_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        match expires_at {
            Some(at) if at - now <= EXPIRING_WITHIN => Self {
                kind: "expiring",
                text: format!("Expires {}", Moment::new(at, now).relative()),
            },
            _ => Self {
                kind: "active",
                text: "Active".to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn badge(expires_in: Option<TimeDelta>) -> String {
        let now: DateTime<Utc> = "2026-11-21T09:41:07Z".parse().unwrap();
        let times = KeyTimes {
            expires_at: expires_in.map(|span| now + span),
            ..KeyTimes::default()
        };
        StatusBadge::of(&times, None, now).text
    }

    #[test]
    fn a_key_that_ends_within_a_week_says_when() {
        assert_eq!(badge(None), "Active");
        assert_eq!(badge(Some(TimeDelta::days(8))), "Active");
        assert_eq!(badge(Some(TimeDelta::days(5))), "Expires in 5 days");
        assert_eq!(badge(Some(TimeDelta::zero())), "Expired");
    }

    #[test]
    fn a_reached_limit_goes_before_rotating_and_expiring_and_after_the_rest() {
        let now: DateTime<Utc> = "2026-11-21T09:41:07Z".parse().unwrap();
        let soon = Some(now + TimeDelta::days(1));
        let mut times = KeyTimes {
            retires_at: soon,
            expires_at: soon,
            ..KeyTimes::default()
        };
        let kind = |times: &KeyTimes| StatusBadge::of(times, Some(Window::Daily), now).kind;
        assert_eq!(
            StatusBadge::of(&times, Some(Window::Daily), now).text,
            "Daily limit reached"
        );
        assert_eq!(kind(&times), "limited");
        times.disabled_at = Some(now);
        assert_eq!(kind(&times), "disabled");
        times.expires_at = Some(now);
        assert_eq!(kind(&times), "expired");
    }
}
