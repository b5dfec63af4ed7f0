//! What people take away: rows as a file, batch by batch, so that it takes the same memory however
//! many there are.

use actix_web::web::Bytes;
use futures_util::Stream;
use futures_util::stream;

use crate::dashboard::csv;

/// A file of more rows breaks off, so that none looks whole that is not.
pub const ROWS_MAX: usize = 1_000_000;
pub const BATCH_ROWS: u16 = 1_000;
/// Said instead of a file of something else than was asked for, which would not be noticed.
pub const MISREAD: &str = "The address of this file has a filter that cannot be read.";

/// Why a file breaks off.
pub type Broken = Box<dyn std::error::Error>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    /// One JSON object a line.
    Jsonl,
}

impl Format {
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Csv => csv::CONTENT_TYPE,
            Self::Jsonl => "application/x-ndjson; charset=utf-8",
        }
    }
}

/// A file from its first batch on. `read` gives a batch and what the next is read from, if there is
/// one.
pub fn batches<S, F>(
    first: S,
    read: impl Fn(S) -> F + Copy,
) -> impl Stream<Item = Result<Bytes, Broken>>
where
    F: Future<Output = Result<(Bytes, Option<S>), Broken>>,
{
    stream::try_unfold(Some(first), move |state| async move {
        match state {
            Some(state) => read(state).await.map(Some),
            None => Ok(None),
        }
    })
}
