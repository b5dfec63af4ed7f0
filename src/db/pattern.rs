//! Patterns of `like`.

/// The pattern of texts that hold `part`, whatever it holds itself.
pub(super) fn containing(part: &str) -> String {
    let mut pattern = String::from("%");
    for letter in part.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_a_pattern_stands_for_itself() {
        assert_eq!(containing("50%_a\\b"), "%50\\%\\_a\\\\b%");
    }
}
