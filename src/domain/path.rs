//! Paths that only one reading fits. A rule that is checked on one reading and served by another
//! is no rule, so such a path is refused; it is never cleaned.

/// Longest path that is looked at.
pub const PATH_BYTES_MAX: usize = 2048;

/// Whether some server may read `path` (without its query) as another path.
///
/// Refused: dot segments, a dot at the end of a segment, empty segments, `;`, `\`, whatever is not
/// printable ASCII, and these in their encoded forms: `.` `/` `\` `;` `%` and other characters that
/// need no encoding, control characters, and bytes that are no UTF-8.
pub fn is_ambiguous(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else {
        return true;
    };
    let odd = path
        .bytes()
        .any(|byte| !byte.is_ascii_graphic() || matches!(byte, b';' | b'\\' | b'#' | b'?'));
    odd || has_odd_segment(rest) || has_odd_encoding(path)
}

fn has_odd_segment(rest: &str) -> bool {
    // An empty last segment is a closing slash, which says something; others say nothing.
    let mut before = b'/';
    for byte in rest.bytes() {
        if byte == b'/' && matches!(before, b'/' | b'.') {
            return true;
        }
        before = byte;
    }
    before == b'.'
}

/// Decodes as it goes: encoded text must be UTF-8, and must have needed its encoding.
fn has_odd_encoding(path: &str) -> bool {
    let mut parts = path.split('%');
    parts.next();
    let mut run: Vec<u8> = Vec::new();
    for part in parts {
        let Some(byte) = part.get(..2).and_then(hex_byte) else {
            return true;
        };
        if needs_no_encoding(byte) {
            return true;
        }
        run.push(byte);
        if part.len() > 2 {
            if is_odd_text(&run) {
                return true;
            }
            run.clear();
        }
    }
    is_odd_text(&run)
}

fn is_odd_text(bytes: &[u8]) -> bool {
    match str::from_utf8(bytes) {
        Ok(text) => text.chars().any(char::is_control),
        Err(_) => true,
    }
}

fn hex_byte(digits: &str) -> Option<u8> {
    if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        u8::from_str_radix(digits, 16).ok()
    } else {
        None
    }
}

/// Encoded, these are a second spelling of the same path, or a trap for whoever decodes twice.
fn needs_no_encoding(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || byte.is_ascii_control()
        || matches!(byte, b'-' | b'_' | b'~' | b'.' | b'/' | b'\\' | b';' | b'%')
}

#[cfg(test)]
mod tests;
