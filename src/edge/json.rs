//! JSON written by hand, for the one answer that is written more often than all others together.
//! Most texts need no escaping, which is seen many letters at a time; the rest is left to serde.

use serde::Serialize;

pub struct Json(Vec<u8>);

impl Json {
    pub fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// Punctuation and names of fields, as they stand.
    pub fn raw(&mut self, json: &str) -> &mut Self {
        self.0.extend_from_slice(json.as_bytes());
        self
    }

    pub fn text(&mut self, text: &str) -> &mut Self {
        if !is_plain(text) {
            return self.value(&text);
        }
        self.0.push(b'"');
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(b'"');
        self
    }

    /// Letters and digits, which need no look.
    pub fn id(&mut self, id: &[u8]) -> &mut Self {
        self.0.push(b'"');
        self.0.extend_from_slice(id);
        self.0.push(b'"');
        self
    }

    pub fn number(&mut self, number: impl itoa::Integer) -> &mut Self {
        self.raw(itoa::Buffer::new().format(number))
    }

    pub fn texts<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>) -> &mut Self {
        self.0.push(b'[');
        for (place, text) in texts.into_iter().enumerate() {
            if place > 0 {
                self.0.push(b',');
            }
            self.text(text);
        }
        self.0.push(b']');
        self
    }

    pub fn value(&mut self, value: &impl Serialize) -> &mut Self {
        // Into memory, and of values that JSON has a form for: there is nothing to fail.
        if serde_json::to_writer(&mut self.0, value).is_err() {
            self.raw("null");
        }
        self
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Looks at eight bytes at a time.
fn is_plain(text: &str) -> bool {
    let (words, rest) = text.as_bytes().as_chunks();
    words.iter().all(|word| is_plain_word(*word))
        && rest
            .iter()
            .all(|byte| *byte >= b' ' && !matches!(byte, b'"' | b'\\'))
}

/// A byte below `n` has its highest bit after `n` is taken away, and not before. Where a lower byte
/// is found a higher one may be too, by mistake; that changes nothing.
fn is_plain_word(word: [u8; 8]) -> bool {
    let word = u64::from_le_bytes(word);
    let all = |byte: u8| u64::from_le_bytes([byte; 8]);
    let below = |word: u64, n: u8| word.wrapping_sub(all(n)) & !word;
    let found = below(word, b' ') | below(word ^ all(b'"'), 1) | below(word ^ all(b'\\'), 1);
    found & all(0x80) == 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_number_is_written_as_serde_writes_it(number: i64) {
            let mut json = Json::with_capacity(0);
            json.number(number);
            prop_assert_eq!(json.into_bytes(), serde_json::to_vec(&number).unwrap());
        }

        #[test]
        fn any_text_is_written_as_serde_writes_it(texts in proptest::collection::vec("\\PC{0,20}|[\"\\\\\0-\u{1f}\u{7f}é\u{2028}]{0,9}", 0..5)) {
            let mut json = Json::with_capacity(0);
            json.texts(texts.iter().map(String::as_str));
            prop_assert_eq!(json.into_bytes(), serde_json::to_vec(&texts).unwrap());
        }
    }
}
