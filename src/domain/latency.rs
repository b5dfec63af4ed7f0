//! How long answers took, counted in classes, so that a percentile of millions is a look at a few
//! numbers.

use std::time::Duration;

/// Where the classes end, in microseconds; a last one holds what took longer than the last of them.
pub const BOUNDS_US: [u32; 24] = [
    100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 50_000, 75_000, 100_000, 150_000,
    200_000, 300_000, 500_000, 750_000, 1_000_000, 1_500_000, 2_000_000, 3_000_000, 5_000_000,
    10_000_000, 30_000_000,
];

const CLASSES: usize = BOUNDS_US.len() + 1;

/// Answers by class. Differences may be negative, sums are not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Latencies([i64; CLASSES]);

impl Latencies {
    /// As they are stored: by class, the missing ones 0.
    pub fn stored(counts: &[i64]) -> Self {
        let mut latencies = Self::default();
        for (class, count) in latencies.0.iter_mut().zip(counts) {
            *class = *count;
        }
        latencies
    }

    pub fn counts(&self) -> &[i64] {
        &self.0
    }

    /// `count` more, or less, that took so long.
    pub fn note(&mut self, duration_us: u32, count: i64) {
        let class = BOUNDS_US.partition_point(|bound| *bound < duration_us);
        if let Some(counted) = self.0.get_mut(class) {
            *counted += count;
        }
    }

    pub fn add(&mut self, other: &Self) {
        for (class, count) in self.0.iter_mut().zip(other.0) {
            *class += count;
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|count| *count == 0)
    }

    /// The time within which `percent` of the answers came, as if the answers of a class were
    /// spread evenly over it. The end of the last bound for what took longer; `None` without
    /// answers.
    pub fn percentile(&self, percent: u8) -> Option<Duration> {
        let total: i64 = self.0.iter().sum();
        if total <= 0 {
            return None;
        }
        // The place of the answer sought, counted from 1.
        let place = (total * i64::from(percent.min(100)) + 99) / 100;
        let place = place.max(1);
        let mut before = 0;
        let mut begin = 0;
        for (bound, count) in BOUNDS_US.iter().zip(self.0) {
            if before + count >= place {
                let width = i64::from(*bound) - begin;
                let within = begin + (width * (place - before) / count).max(1);
                return u64::try_from(within).ok().map(Duration::from_micros);
            }
            before += count;
            begin = i64::from(*bound);
        }
        u64::try_from(begin).ok().map(Duration::from_micros)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(times: &[u32]) -> Latencies {
        let mut latencies = Latencies::default();
        for time in times {
            latencies.note(*time, 1);
        }
        latencies
    }

    #[test]
    fn without_answers_there_is_no_percentile() {
        assert_eq!(Latencies::default().percentile(50), None);
        let mut taken_back = of(&[700]);
        taken_back.note(700, -1);
        assert_eq!(taken_back.percentile(95), None);
    }

    #[test]
    fn what_took_longer_than_the_last_bound_is_told_as_that() {
        let half_a_minute = Some(Duration::from_secs(30));
        assert_eq!(of(&[u32::MAX]).percentile(50), half_a_minute);
    }

    proptest! {
        #[test]
        fn a_percentile_lies_in_the_class_of_the_answer_that_it_stands_for(
            mut times in proptest::collection::vec(1_u32..40_000_000, 1..200),
            percent in 1_u8..=100,
        ) {
            let told = of(&times).percentile(percent).unwrap();
            times.sort_unstable();
            let place = (times.len() * usize::from(percent)).div_ceil(100);
            let exact = times[place - 1];
            let class = |time: u32| BOUNDS_US.partition_point(|bound| *bound < time);
            let told = u32::try_from(told.as_micros()).unwrap();
            // One microsecond down: a class ends with its bound.
            prop_assert!(
                class(told) == class(exact).min(BOUNDS_US.len() - 1),
                "{told} for {exact}"
            );
        }

        #[test]
        fn adding_counts_is_counting_all(one in proptest::collection::vec(1_u32..40_000_000, 0..50),
                                         other in proptest::collection::vec(1_u32..40_000_000, 0..50)) {
            let mut both = of(&one);
            both.add(&of(&other));
            let all: Vec<u32> = one.into_iter().chain(other).collect();
            prop_assert_eq!(both, of(&all));
            prop_assert_eq!(Latencies::stored(both.counts()), both);
        }
    }
}
