//! How long answers took, in words.

use std::time::Duration;

use crate::domain::latency::Latencies;

/// The last class has no end.
const LONGEST: Duration = Duration::from_secs(30);

/// "120 ms", "1.5 s"; with two digits that mean something, as the classes give no more.
pub fn words(latencies: &Latencies, percent: u8) -> String {
    match latencies.percentile(percent) {
        None => "Not known".to_owned(),
        Some(time) if time >= LONGEST => "30 s or more".to_owned(),
        Some(time) if time >= Duration::from_secs(10) => format!("{} s", time.as_secs()),
        Some(time) if time >= Duration::from_secs(1) => {
            let tenths = time.as_millis() / 100;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
        Some(time) if time >= Duration::from_millis(10) => format!("{} ms", time.as_millis()),
        Some(time) if time >= Duration::from_millis(1) => {
            let tenths = time.as_micros() / 100;
            format!("{}.{} ms", tenths / 10, tenths % 10)
        }
        Some(_) => "Under 1 ms".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(duration_us: u32) -> String {
        let mut latencies = Latencies::default();
        latencies.note(duration_us, 1);
        words(&latencies, 50)
    }

    #[test]
    fn a_time_is_told_with_no_more_digits_than_are_known() {
        let expected = [
            (90, "Under 1 ms"),
            (1_400, "2.0 ms"),
            (18_000, "20 ms"),
            (900_000, "1.0 s"),
            (2_900_000, "3.0 s"),
            (9_000_000, "10 s"),
            (90_000_000, "30 s or more"),
        ];
        for (duration_us, words) in expected {
            assert_eq!(told(duration_us), words);
        }
        assert_eq!(words(&Latencies::default(), 95), "Not known");
    }
}
