//! Tables as files for spreadsheets: RFC 4180, and no cell that a spreadsheet would run.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::Stream;

pub const CONTENT_TYPE: &str = "text/csv; charset=utf-8; header=present";

/// Begins a formula in some spreadsheet; the last four are full-width forms that some read alike.
const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\0', '＝', '＋', '－', '＠'];

/// Lines of a file, gathered until they are sent.
pub struct Lines(::csv::Writer<Vec<u8>>);

impl Lines {
    pub fn new() -> Self {
        let mut builder = ::csv::WriterBuilder::new();
        builder.terminator(::csv::Terminator::CRLF);
        Self(builder.from_writer(Vec::new()))
    }

    /// # Errors
    ///
    /// For more or fewer cells than in the line before.
    pub fn add<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> ::csv::Result<()> {
        for text in cells {
            self.0.write_field(cell(text).as_bytes())?;
        }
        self.0.write_record(None::<&[u8]>)
    }

    pub fn into_bytes(self) -> ::csv::Result<Bytes> {
        let gathered = self.0.into_inner();
        Ok(gathered.map_err(::csv::IntoInnerError::into_error)?.into())
    }
}

/// A text that a spreadsheet could take for a formula gets a `'` in front, and so does one that
/// begins with a `'` itself: whoever takes one `'` off the front of a cell has the text again.
fn cell(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA_STARTS) || text.starts_with('\'') {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A download that nothing keeps. `name` is of letters, digits, `-` and `.`.
pub fn download<S, E>(name: &str, lines: S) -> HttpResponse
where
    S: Stream<Item = Result<Bytes, E>> + 'static,
    E: Into<Box<dyn std::error::Error>> + 'static,
{
    download_as(name, CONTENT_TYPE, lines)
}

/// As `download`, of a file of another kind.
pub fn download_as<S, E>(name: &str, content_type: &str, lines: S) -> HttpResponse
where
    S: Stream<Item = Result<Bytes, E>> + 'static,
    E: Into<Box<dyn std::error::Error>> + 'static,
{
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, content_type))
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

    fn written(lines: &[&[String]]) -> String {
        let mut file = Lines::new();
        for cells in lines {
            file.add(cells.iter().map(String::as_str)).unwrap();
        }
        String::from_utf8(file.into_bytes().unwrap().to_vec()).unwrap()
    }

    fn read(text: &str) -> Vec<Vec<String>> {
        let mut builder = ::csv::ReaderBuilder::new();
        builder.has_headers(false);
        let mut reader = builder.from_reader(text.as_bytes());
        reader.deserialize().map(Result::unwrap).collect()
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let cells = ["plain", "a,b", "say \"hi\"", "two\nlines", ""].map(str::to_owned);
        assert_eq!(
            written(&[&cells]),
            "plain,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\r\n"
        );
    }

    #[test]
    fn no_cell_begins_a_formula() {
        for start in FORMULA_STARTS {
            let text = format!("{start}cmd|' /C calc'!A0");
            let written = written(&[std::slice::from_ref(&text)]);
            assert!(
                written.starts_with('\'') || written.starts_with("\"'"),
                "{written}"
            );
            assert_eq!(read(&written), [[format!("'{text}")]]);
        }
    }

    proptest! {
        /// Below a header, as every file has one: what begins a file could be a byte order mark.
        #[test]
        fn what_is_read_back_is_what_was_written(cells in proptest::collection::vec(".{0,20}|[=+@',\"\r\n-]{0,6}", 1..6)) {
            let header = vec!["column".to_owned(); cells.len()];
            let back: Vec<String> = read(&written(&[&header, &cells]))
                .swap_remove(1)
                .into_iter()
                .map(|cell| cell.strip_prefix('\'').map(str::to_owned).unwrap_or(cell))
                .collect();
            prop_assert_eq!(back, cells);
        }
    }
}
