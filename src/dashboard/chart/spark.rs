//! A month in the space of a word: one path, for a row of a table. It decorates a number that
//! stands beside it.

use std::fmt::Write as _;

const HEIGHT: i64 = 18;
const STEP: i64 = 2;

/// The `d` of an outline in a box of 60 × 18, a step for each day; style cuts it into strokes. Days
/// alike share a step, so that a page of many rows stays light. Empty without a request.
pub fn sparkline(days: &[i64]) -> String {
    let most = days.iter().copied().max().unwrap_or(0);
    if most <= 0 {
        return String::new();
    }
    let mut path = format!("M0 {HEIGHT}");
    let mut at = HEIGHT;
    let heights = days.iter().map(|day| match *day {
        0 => HEIGHT,
        day => HEIGHT - (day.saturating_mul(HEIGHT) / most).max(1),
    });
    let mut heights = heights.peekable();
    while let Some(height) = heights.next() {
        let mut wide = STEP;
        while heights.next_if_eq(&height).is_some() {
            wide += STEP;
        }
        if height != at {
            // Writing to a String cannot fail.
            let _ = write!(path, "V{height}");
            at = height;
        }
        let _ = write!(path, "h{wide}");
    }
    let _ = write!(path, "V{HEIGHT}");
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_day_fills_the_height_and_an_empty_day_draws_nothing() {
        assert_eq!(sparkline(&[0, 5, 10, 0]), "M0 18h2V9h2V0h2V18h2V18");
        assert_eq!(sparkline(&[0, 0]), "");
    }

    #[test]
    fn one_request_among_millions_still_shows() {
        assert_eq!(sparkline(&[1, 9_000_000]), "M0 18V17h2V0h2V18");
    }

    #[test]
    fn days_alike_share_a_step() {
        assert_eq!(sparkline(&[0, 0, 7, 7, 7, 0]), "M0 18h4V0h6V18h2V18");
    }
}
