//! How old what a page shows may be, where it was read from a replica.

use std::time::Duration;

use crate::dashboard::number;

/// Nodes say that they live each half second, so less than this is no delay.
const FRESH: Duration = Duration::from_secs(2);

/// `None` for what is as the database has it.
pub fn words(behind: Option<Duration>) -> Option<String> {
    let behind = behind.filter(|behind| *behind >= FRESH)?;
    let seconds = i64::try_from(behind.as_secs()).unwrap_or(i64::MAX);
    let seconds = number::counted(seconds, "second", "seconds");
    Some(format!(
        "Read from a replica that is {seconds} behind: the latest calls are missing here."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_delay_that_can_be_seen_is_told() {
        assert_eq!(words(None), None);
        assert_eq!(words(Some(Duration::from_millis(700))), None);
        let told = words(Some(Duration::from_secs(9))).unwrap();
        assert!(told.contains("9 seconds behind"), "{told}");
    }
}
