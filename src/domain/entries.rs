//! Fields that take several entries, one to a line or separated by commas.

use std::fmt::Display;

/// What is repeated of an entry in a message.
const SHOWN_MAX: usize = 60;

/// Entries of one field, each named by its line, or the first fault.
pub struct Entries {
    /// How many entries a field takes.
    pub max: usize,
    /// What they are: "addresses".
    pub what: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntriesFault {
    #[error("Enter at most {max} {what}; this has {count}.")]
    TooMany {
        max: usize,
        what: &'static str,
        count: usize,
    },
    #[error("Line {line}: {words}{}", more(*.others))]
    At {
        /// Counted from 1.
        line: usize,
        words: String,
        /// Entries after it that are wrong too.
        others: usize,
    },
}

fn more(others: usize) -> String {
    match others {
        0 => String::new(),
        1 => " One more entry is wrong.".to_owned(),
        others => format!(" {others} more entries are wrong."),
    }
}

impl Entries {
    /// Each entry as `parse` reads it; an entry given twice counts once.
    pub fn parse<T: PartialEq, F: Display>(
        &self,
        input: &str,
        parse: impl Fn(&str) -> Result<T, F>,
    ) -> Result<Vec<T>, EntriesFault> {
        let count = entries(input).count();
        if count > self.max {
            return Err(EntriesFault::TooMany {
                max: self.max,
                what: self.what,
                count,
            });
        }
        let mut parsed = Vec::with_capacity(count);
        let mut first_fault = None;
        let mut faults = 0;
        for (line, entry) in entries(input) {
            match parse(entry) {
                Ok(value) if parsed.contains(&value) => {}
                Ok(value) => parsed.push(value),
                Err(fault) => {
                    faults += 1;
                    first_fault.get_or_insert_with(|| (line, fault.to_string()));
                }
            }
        }
        match first_fault {
            None => Ok(parsed),
            Some((line, words)) => Err(EntriesFault::At {
                line,
                words,
                others: faults - 1,
            }),
        }
    }
}

/// The entries with their lines; empty ones are passed over.
fn entries(input: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = input.lines().enumerate();
    lines.flat_map(|(index, line)| {
        let parts = line.split(',').map(str::trim);
        parts
            .filter(|entry| !entry.is_empty())
            .map(move |entry| (index + 1, entry))
    })
}

/// An entry as a message repeats it: “10.0.0.300”.
pub fn quoted(entry: &str) -> String {
    let mut shown: String = entry
        .chars()
        .filter(|letter| !letter.is_control())
        .take(SHOWN_MAX)
        .collect();
    if entry.chars().nth(SHOWN_MAX).is_some() {
        shown.push('…');
    }
    format!("“{shown}”")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: Entries = Entries {
        max: 3,
        what: "numbers",
    };

    fn numbers(input: &str) -> Result<Vec<u8>, String> {
        let parse = |entry: &str| entry.parse::<u8>().map_err(|_| quoted(entry));
        TWO.parse(input, parse).map_err(|fault| fault.to_string())
    }

    #[test]
    fn lines_and_commas_separate_and_repeats_count_once() {
        assert_eq!(numbers(" 1, 2\r\n\n2,"), Ok(vec![1, 2]));
        assert_eq!(numbers("  \n , "), Ok(vec![]));
    }

    #[test]
    fn the_first_fault_is_told_with_its_line() {
        assert_eq!(numbers("1\n\nx"), Err("Line 3: “x”".to_owned()));
        assert_eq!(
            numbers("1,x\ny,z"),
            Err("Enter at most 3 numbers; this has 4.".to_owned())
        );
        assert_eq!(
            numbers("x\ny\nz"),
            Err("Line 1: “x” 2 more entries are wrong.".to_owned())
        );
    }

    #[test]
    fn a_long_entry_is_cut_in_the_message() {
        let said = numbers(&"x".repeat(10_000)).unwrap_err();
        assert!(said.len() < 100, "{said}");
    }
}
