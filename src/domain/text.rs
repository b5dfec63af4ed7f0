//! What people type: trimmed, in one Unicode form, without control characters.

use unicode_normalization::UnicodeNormalization;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    #[error("Fill this in.")]
    Empty,
    #[error("Use at most {max} characters; this has {length}.")]
    TooLong { length: usize, max: usize },
    #[error("Remove the characters that cannot be printed.")]
    Unprintable,
}

/// One line of 1 to `max` characters.
pub fn line(input: &str, max: usize) -> Result<String, TextFault> {
    let text = optional(input, max, char::is_control)?;
    if text.is_empty() {
        Err(TextFault::Empty)
    } else {
        Ok(text)
    }
}

/// Any number of lines, at most `max` characters, possibly none.
pub fn lines(input: &str, max: usize) -> Result<String, TextFault> {
    let input = input.replace("\r\n", "\n");
    optional(&input, max, |letter| {
        letter.is_control() && letter != '\n' && letter != '\t'
    })
}

fn optional(input: &str, max: usize, forbidden: fn(char) -> bool) -> Result<String, TextFault> {
    // Before anything that costs more than counting: input may be as long as a body may be.
    let text: String = input.trim().nfc().take(max + 1).collect();
    if text.chars().count() > max {
        return Err(TextFault::TooLong {
            length: input.trim().chars().count(),
            max,
        });
    }
    if text
        .chars()
        .any(|letter| forbidden(letter) || is_direction_override(letter))
    {
        return Err(TextFault::Unprintable);
    }
    Ok(text)
}

/// Characters that make a text read differently from what it is.
fn is_direction_override(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Equal for two spellings that differ in case or Unicode form only.
pub fn folded(text: &str) -> String {
    text.trim()
        .nfc()
        .collect::<String>()
        .to_lowercase()
        .nfc()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_around_a_line_are_dropped() {
        assert_eq!(line("  blog ingest ", 20).as_deref(), Ok("blog ingest"));
    }

    #[test]
    fn nothing_but_spaces_is_empty() {
        assert_eq!(line(" \u{a0} ", 20), Err(TextFault::Empty));
    }

    #[test]
    fn nul_and_direction_overrides_are_refused() {
        assert_eq!(line("a\0b", 20), Err(TextFault::Unprintable));
        assert_eq!(line("a\u{202e}b", 20), Err(TextFault::Unprintable));
        assert_eq!(lines("a\u{7}b", 20), Err(TextFault::Unprintable));
    }

    #[test]
    fn a_note_may_have_lines_and_may_be_empty() {
        assert_eq!(lines("one\r\ntwo", 20).as_deref(), Ok("one\ntwo"));
        assert_eq!(lines("", 20).as_deref(), Ok(""));
    }

    #[test]
    fn length_is_counted_in_characters_and_told() {
        assert_eq!(line("ééé", 3).as_deref(), Ok("ééé"));
        assert_eq!(
            line("eeee", 3),
            Err(TextFault::TooLong { length: 4, max: 3 })
        );
    }

    #[test]
    fn folding_ignores_case_and_unicode_form() {
        assert_eq!(folded("ÄPFEL"), folded("a\u{308}pfel"));
    }
}
