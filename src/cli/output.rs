//! What commands print: results on stdout, faults on stderr.

use std::io::Write;

/// A line on stdout, at once. A closed stdout stops nothing.
pub fn say(line: &str) {
    let mut stdout = std::io::stdout().lock();
    let _closed = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

/// A line on stderr.
pub fn complain(line: &str) {
    let _closed = writeln!(std::io::stderr().lock(), "{line}");
}
