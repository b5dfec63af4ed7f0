//! A cap as people type it.

/// A typo is likelier than a wish for more. Sums of so many stay far inside what the database holds.
pub const CAP_MAX: u64 = 1_000_000_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CapFault {
    #[error("Enter a whole number, like 1000, or leave it empty for no limit.")]
    NoNumber,
    #[error("Enter 1 or more, or leave it empty for no limit. To stop the key, disable it.")]
    TooSmall,
    #[error("Enter at most 1,000,000,000,000, or leave it empty for no limit.")]
    TooLarge,
}

/// Empty is no cap. Thousands may be grouped by commas or spaces, as pages show them.
pub fn parse_cap(input: &str) -> Result<Option<u64>, CapFault> {
    let text = input.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let (sign, text) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let digits = ungrouped(text).ok_or(CapFault::NoNumber)?;
    let significant = digits.trim_start_matches('0');
    if sign || significant.is_empty() {
        return Err(CapFault::TooSmall);
    }
    match significant.parse::<u64>() {
        Ok(cap) if cap <= CAP_MAX => Ok(Some(cap)),
        // Only digits are left, so what does not fit is too large.
        _ => Err(CapFault::TooLarge),
    }
}

/// The digits alone, of plain digits or of groups of three with one separator throughout.
fn ungrouped(text: &str) -> Option<String> {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if is_number(text) {
        return Some(text.to_owned());
    }
    let separator = text
        .chars()
        .find(|letter| matches!(letter, ',' | ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}'))?;
    let (first, rest) = text.split_once(separator)?;
    let groups_are_whole = rest
        .split(separator)
        .all(|group| group.len() == 3 && is_number(group));
    let is_grouped = is_number(first) && first.len() <= 3 && groups_are_whole;
    is_grouped.then(|| text.chars().filter(char::is_ascii_digit).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_taken_grouped_or_not_and_empty_is_none() {
        for (text, cap) in [
            ("", None),
            ("  ", None),
            ("1", Some(1)),
            (" 1000 ", Some(1000)),
            ("007", Some(7)),
            ("1,000", Some(1000)),
            ("1 000 000", Some(1_000_000)),
            ("12\u{202f}345", Some(12_345)),
            ("1000000000000", Some(CAP_MAX)),
        ] {
            assert_eq!(parse_cap(text), Ok(cap), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_cap_is_refused_with_its_cause() {
        let long = "1".repeat(10_000);
        for (text, fault) in [
            ("0", CapFault::TooSmall),
            ("000", CapFault::TooSmall),
            ("-5", CapFault::TooSmall),
            ("−5", CapFault::TooSmall),
            ("many", CapFault::NoNumber),
            ("1.5", CapFault::NoNumber),
            ("1.000", CapFault::NoNumber),
            ("1,5", CapFault::NoNumber),
            ("1,0000", CapFault::NoNumber),
            ("1,000 000", CapFault::NoNumber),
            (",000", CapFault::NoNumber),
            ("1e3", CapFault::NoNumber),
            ("10^30", CapFault::NoNumber),
            ("+5", CapFault::NoNumber),
            ("0x10", CapFault::NoNumber),
            ("٣", CapFault::NoNumber),
            ("-", CapFault::NoNumber),
            ("1000000000001", CapFault::TooLarge),
            ("1000000000000000000000000000000", CapFault::TooLarge),
            (&long, CapFault::TooLarge),
        ] {
            assert_eq!(parse_cap(text), Err(fault), "{text:.40}");
        }
    }
}
