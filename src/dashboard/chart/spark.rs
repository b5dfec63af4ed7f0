//! A month in the space of a word: one path, for a row of a table. It decorates a number that
//! stands beside it.

use std::fmt::Write as _;

const HEIGHT: i64 = 18;
const STEP: i64 = 2;

/// The `d` of a path in a box of 60 × 18: one upright stroke for each day that had requests.
pub fn sparkline(days: &[i64]) -> String {
    let most = days.iter().copied().max().unwrap_or(0).max(1);
    let mut path = String::new();
    for (x, day) in (0..).map(|index| index * STEP + 1).zip(days) {
        if *day > 0 {
            let tall = (day.saturating_mul(HEIGHT) / most).max(1);
            // Writing to a String cannot fail.
            let _ = write!(path, "M{x} {HEIGHT}v-{tall}");
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_day_fills_the_height_and_an_empty_day_draws_nothing() {
        assert_eq!(sparkline(&[0, 5, 10]), "M3 18v-9M5 18v-18");
        assert_eq!(sparkline(&[0, 0]), "");
    }

    #[test]
    fn one_request_among_millions_still_shows() {
        assert_eq!(sparkline(&[1, 9_000_000]), "M1 18v-1M3 18v-18");
    }
}
