//! Tables as files for spreadsheets: RFC 4180, and no cell that a spreadsheet would run.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::Stream;

const CONTENT_TYPE: &str = "text/csv; charset=utf-8; header=present";

/// Begins a formula in some spreadsheet; the last four are full-width forms that some read alike.
const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\0', '＝', '＋', '－', '＠'];

/// One line, its end included.
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<Cow<'a, str>> = cells.into_iter().map(cell).collect();
    let mut line = cells.join(",");
    line.push_str("\r\n");
    line
}

/// A text that a spreadsheet could take for a formula gets a `'` in front, and so does one that
/// begins with a `'` itself: whoever takes one `'` off the front of a cell has the text again.
fn cell(text: &str) -> Cow<'_, str> {
    let text = if text.starts_with(FORMULA_STARTS) || text.starts_with('\'') {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    };
    if text.contains(['"', ',', '\r', '\n']) {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        text
    }
}

/// A download that nothing keeps. `name` is of letters, digits, `-` and `.`.
pub fn download<S, E>(name: &str, lines: S) -> HttpResponse
where
    S: Stream<Item = Result<Bytes, E>> + 'static,
    E: Into<Box<dyn std::error::Error>> + 'static,
{
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, CONTENT_TYPE))
        .insert_header((header::CACHE_CONTROL, "no-store, private"))
        .insert_header((header::VARY, "Cookie"))
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ))
        .streaming(lines)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As RFC 4180 reads one line.
    fn read(line: &str) -> Vec<String> {
        let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        let mut letters = line.strip_suffix("\r\n").unwrap().chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '"' if quoted && letters.peek() == Some(&'"') => {
                    letters.next();
                    cell.push('"');
                }
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(std::mem::take(&mut cell)),
                other => cell.push(other),
            }
        }
        cells.push(cell);
        cells
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(
            line(["plain", "a,b", "say \"hi\"", "two\nlines", ""]),
            "plain,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\r\n"
        );
    }

    #[test]
    fn no_cell_begins_a_formula() {
        for start in FORMULA_STARTS {
            let text = format!("{start}cmd|' /C calc'!A0");
            let written = line([text.as_str()]);
            assert!(
                written.starts_with('\'') || written.starts_with("\"'"),
                "{written}"
            );
            assert_eq!(read(&written), [format!("'{text}")]);
        }
    }

    proptest! {
        #[test]
        fn what_is_read_back_is_what_was_written(cells in proptest::collection::vec(".{0,20}|[=+@',\"\r\n-]{0,6}", 1..6)) {
            let written = line(cells.iter().map(String::as_str));
            let back: Vec<String> = read(&written)
                .into_iter()
                .map(|cell| cell.strip_prefix('\'').map(str::to_owned).unwrap_or(cell))
                .collect();
            prop_assert_eq!(back, cells);
        }
    }
}
