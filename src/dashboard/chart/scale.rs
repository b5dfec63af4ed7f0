//! From a number of requests to a height in pixels, and the round numbers of the y axis.

use crate::dashboard::number;

const ABOVE_PX: f64 = 8.0;
const BELOW_PX: f64 = 24.0;
/// A day with one request among days with a million must still show.
const LEAST_PX: f64 = 1.5;

/// A grid line: its number and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    pub label: String,
    pub y: String,
    /// Where the number's own baseline stands.
    pub text_y: String,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    step: i64,
    grid_lines: i64,
    height: f64,
}

impl Scale {
    /// `most` fits under the highest of the grid lines.
    pub(super) fn new(most: i64, height: f64, grid_lines: i64) -> Self {
        Self {
            step: round_step(most, grid_lines),
            grid_lines,
            height,
        }
    }

    pub(super) fn height_of(&self, value: i64) -> f64 {
        if value <= 0 {
            0.0
        } else {
            self.exact_height_of(value).max(LEAST_PX)
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a drawing is exact to a hundredth of a pixel"
    )]
    fn exact_height_of(&self, value: i64) -> f64 {
        value as f64 / self.step.saturating_mul(self.grid_lines) as f64 * self.height
    }

    pub(super) fn baseline(&self) -> f64 {
        ABOVE_PX + self.height
    }

    pub(super) fn below_baseline(&self) -> f64 {
        self.baseline() + BELOW_PX
    }

    pub(super) fn label_line(&self) -> f64 {
        self.baseline() + 17.0
    }

    pub(super) fn ticks(&self) -> Vec<Tick> {
        const HALF_A_DIGIT: f64 = 4.0;
        (1..=self.grid_lines)
            .map(|line| {
                let value = self.step.saturating_mul(line);
                let y = self.baseline() - self.exact_height_of(value);
                Tick {
                    label: number::grouped(value),
                    y: px(y),
                    text_y: px(y + HALF_A_DIGIT),
                }
            })
            .collect()
    }
}

/// The smallest round step of which `lines` reach `most`: 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25, 30 …
fn round_step(most: i64, lines: i64) -> i64 {
    const ROUND: [i64; 9] = [10, 15, 20, 25, 30, 40, 50, 60, 80];
    let enough = |step: &i64| step.saturating_mul(lines) >= most;
    let small = [1, 2, 3, 4, 5, 6, 8].into_iter();
    let powers = (0..17).map(|power| 10_i64.pow(power));
    let large = powers.flat_map(|power| ROUND.map(|round| round * power));
    small
        .chain(large)
        .find(enough)
        .unwrap_or(i64::MAX / lines.max(1))
}

/// A length as an attribute: two decimals at most.
pub(super) fn px(length: f64) -> String {
    let text = format!("{length:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_reach_the_top() {
        for (most, step) in [
            (0, 1),
            (3, 1),
            (4, 2),
            (20, 8),
            (25, 10),
            (1911, 800),
            (2400, 800),
            (2401, 1000),
            (1_000_000, 400_000),
        ] {
            assert_eq!(round_step(most, 3), step, "{most}");
        }
        assert!(round_step(i64::MAX, 3) > 0);
    }

    #[test]
    fn lengths_are_short() {
        assert_eq!(
            [px(12.0), px(12.5), px(12.345_6), px(0.0)],
            ["12", "12.5", "12.35", "0"]
        );
    }
}
