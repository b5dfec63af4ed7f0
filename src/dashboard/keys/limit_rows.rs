//! A key's limits with what is used of them, and how exactly that is known.

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::keys::settings_words;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::domain::lease::Span;
use crate::domain::lease::SpanState;
use crate::domain::limit::KeyLimits;
use crate::domain::limit::Window;

/// One limit on the key's page.
pub struct LimitRow {
    pub label: &'static str,
    /// "1,640 of 2,000"; the limit alone where its use could not be read.
    pub used: String,
    pub left: String,
    /// When some room frees; empty where that says nothing.
    pub frees: String,
    /// Of a hundred, for the bar.
    pub share: u64,
    pub is_reached: bool,
    pub accuracy: &'static str,
}

/// The first limit that is reached, in the order in which refusals name them.
pub fn reached(states: &[SpanState]) -> Option<Window> {
    states.iter().find_map(|state| match state.span {
        Span::Key(window) if state.cap.is_some_and(|cap| state.used >= cap) => Some(window),
        _ => None,
    })
}

/// `states` is `None` where they could not be read: then the limits stand alone.
pub fn rows(limits: &KeyLimits, states: Option<&[SpanState]>, now: DateTime<Utc>) -> Vec<LimitRow> {
    let state_of = |window| {
        let mut states = states?.iter();
        states.find(|state| state.span == Span::Key(window))
    };
    limits
        .iter()
        .map(|(window, cap)| row(window, cap, state_of(window), now))
        .collect()
}

fn row(window: Window, cap: u64, state: Option<&SpanState>, now: DateTime<Utc>) -> LimitRow {
    let label = settings_words::window(window);
    let accuracy = accuracy(window);
    let Some(state) = state else {
        return LimitRow {
            label,
            used: grouped(cap),
            left: "Not available right now".to_owned(),
            frees: String::new(),
            share: 0,
            is_reached: false,
            accuracy,
        };
    };
    let left = cap.saturating_sub(state.used);
    let frees = state
        .frees_in
        .map(|frees_in| Moment::new(now + frees_in, now).relative());
    LimitRow {
        label,
        used: format!("{} of {}", grouped(state.used), grouped(cap)),
        left: match left {
            0 => "None left".to_owned(),
            left => format!("{} left", grouped(left)),
        },
        frees: match (frees, window) {
            (Some(when), _) => format!("Room frees {when}"),
            (None, Window::Total) if left == 0 => {
                "No room frees; raise or lift the limit".to_owned()
            }
            (None, _) => String::new(),
        },
        share: state
            .used
            .min(cap)
            .saturating_mul(100)
            .checked_div(cap)
            .unwrap_or(0),
        is_reached: left == 0,
        accuracy,
    }
}

fn grouped(number: u64) -> String {
    number::grouped(i64::try_from(number).unwrap_or(i64::MAX))
}

/// As `Window::bucket` has it.
fn accuracy(window: Window) -> &'static str {
    match window {
        Window::Total => "Counted one by one; what is used never frees.",
        Window::Daily => "Counted in 1-minute steps, so freed room appears at most a minute late.",
        Window::Weekly => {
            "Counted in 10-minute steps, so freed room appears at most 10 minutes late."
        }
        Window::Monthly => "Counted in 1-hour steps, so freed room appears at most an hour late.",
    }
}

/// "Daily limit reached", as the badge says it.
pub fn reached_words(window: Window) -> &'static str {
    match window {
        Window::Total => "Total limit reached",
        Window::Daily => "Daily limit reached",
        Window::Weekly => "Weekly limit reached",
        Window::Monthly => "Monthly limit reached",
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn state(window: Window, used: u64, frees_in: Option<i64>) -> SpanState {
        SpanState {
            span: Span::Key(window),
            cap: Some(2000),
            used,
            frees_in: frees_in.map(TimeDelta::seconds),
        }
    }

    fn said(state: SpanState) -> (String, String, String, u64) {
        let now = DateTime::from_timestamp(1_795_253_467, 0).unwrap();
        let limits = KeyLimits {
            daily: Some(2000),
            ..KeyLimits::default()
        };
        let mut rows = rows(&limits, Some(&[state]), now);
        let row = rows.remove(0);
        (row.used, row.left, row.frees, row.share)
    }

    #[test]
    fn a_limit_says_what_is_used_left_and_when_room_frees() {
        let texts = |used: &str, left: &str, frees: &str, share| {
            (used.to_owned(), left.to_owned(), frees.to_owned(), share)
        };
        assert_eq!(
            said(state(Window::Daily, 1640, Some(720))),
            texts("1,640 of 2,000", "360 left", "Room frees in 12 minutes", 82)
        );
        assert_eq!(
            said(state(Window::Daily, 2500, Some(720))),
            texts(
                "2,500 of 2,000",
                "None left",
                "Room frees in 12 minutes",
                100
            )
        );
        assert_eq!(
            said(state(Window::Daily, 0, None)),
            texts("0 of 2,000", "2,000 left", "", 0)
        );
    }

    #[test]
    fn of_several_reached_limits_the_first_is_named() {
        let full = [
            state(Window::Daily, 1999, Some(1)),
            state(Window::Weekly, 2000, Some(1)),
            state(Window::Monthly, 3000, Some(1)),
        ];
        assert_eq!(reached(&full), Some(Window::Weekly));
        assert_eq!(reached(&full[..1]), None);
    }

    #[test]
    fn every_accuracy_is_the_one_that_is_counted_with() {
        for window in Window::ALL {
            let minutes = window.bucket().map_or(0, |bucket| bucket.num_minutes());
            let words = match minutes {
                0 => "one by one".to_owned(),
                60 => "1-hour".to_owned(),
                minutes => format!("{minutes}-minute"),
            };
            assert!(accuracy(window).contains(&words), "{window:?}");
        }
    }
}
