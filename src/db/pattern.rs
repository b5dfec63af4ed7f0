//! Patterns of `like`.

/// The pattern of texts that hold `part`, whatever it holds itself.
pub(super) fn containing(part: &str) -> String {
    format!("%{}%", escaped(part))
}

/// The pattern of texts that begin with `part`.
pub(super) fn beginning(part: &str) -> String {
    format!("{}%", escaped(part))
}

fn escaped(part: &str) -> String {
    let mut escaped = String::new();
    for letter in part.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_a_pattern_stands_for_itself() {
        assert_eq!(containing("50%_a\\b"), "%50\\%\\_a\\\\b%");
        assert_eq!(beginning("/a_b"), "/a\\_b%");
    }
}
