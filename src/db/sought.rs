//! Words that are looked for in whatever text a row holds.

/// E-mail addresses as PostgreSQL looks for them, in any case and whole: `ace@b.example` is not in
/// `grace@b.example`. In addresses of pages `@` may be written `%40`.
#[derive(Debug, Clone)]
pub struct Sought {
    /// For `ilike any`: finds more than is meant, fast.
    pub likes: Vec<String>,
    /// For `~*`: finds what is meant.
    pub pattern: String,
}

impl Sought {
    pub fn emails<'a>(emails: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut likes, mut patterns) = (Vec::new(), Vec::new());
        for email in emails {
            likes.push(format!("%{}%", like(email)));
            likes.push(format!("%{}%", like(&email.replace('@', "%40"))));
            patterns.push(regex(email).replace("\\@", "(?:@|%40)"));
        }
        Self {
            likes,
            pattern: format!(
                "(?<![[:alnum:].!#$&*+=^_{{|}}~-])(?:{})(?![[:alnum:]_-]|\\.[[:alnum:]])",
                patterns.join("|")
            ),
        }
    }

    /// Whole words.
    pub fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let words: Vec<&str> = words.into_iter().collect();
        let patterns: Vec<String> = words.iter().map(|word| regex(word)).collect();
        Self {
            likes: words
                .iter()
                .map(|word| format!("%{}%", like(word)))
                .collect(),
            pattern: format!("(?<![[:alnum:]])(?:{})(?![[:alnum:]])", patterns.join("|")),
        }
    }
}

fn like(text: &str) -> String {
    escaped(text, |letter| matches!(letter, '%' | '_' | '\\'))
}

fn regex(text: &str) -> String {
    escaped(text, |letter| {
        letter.is_ascii() && !letter.is_ascii_alphanumeric()
    })
}

fn escaped(text: &str, special: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if special(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}
