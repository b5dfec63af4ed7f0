//! Waiting for what comes about by itself, with a limit.

use std::thread;
use std::time::Duration;
use std::time::Instant;

const PATIENCE: Duration = Duration::from_mins(1);

/// Looks again until `condition` holds, on a thread that may block.
pub fn wait_for(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
