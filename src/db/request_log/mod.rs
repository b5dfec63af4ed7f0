//! One row for every decision about a known key.

mod append;
mod complete;
mod details;
mod export;
mod failures;
mod filter;
mod forget;
pub mod partitions;
mod row;
mod search;
mod slice;

pub use crate::db::request_log::append::NewLogRow;
pub use crate::db::request_log::append::NewLogRows;
pub use crate::db::request_log::append::append;
pub use crate::db::request_log::complete::Completed;
pub use crate::db::request_log::complete::Completion;
pub use crate::db::request_log::complete::complete;
pub use crate::db::request_log::details::NewDetail;
pub use crate::db::request_log::details::append as append_details;
pub use crate::db::request_log::details::forget_before as forget_details_before;
pub use crate::db::request_log::export::LogExport;
pub use crate::db::request_log::export::note_export;
pub use crate::db::request_log::failures::FailedCalls;
pub use crate::db::request_log::failures::last_failures;
pub use crate::db::request_log::filter::LogFilter;
pub use crate::db::request_log::filter::Outcome;
pub use crate::db::request_log::forget::Forgotten;
pub use crate::db::request_log::forget::forget_some;
pub use crate::db::request_log::row::KeyNow;
pub use crate::db::request_log::row::LogRow;
pub use crate::db::request_log::search::LogPage;
pub use crate::db::request_log::search::Stopped;
pub use crate::db::request_log::search::search;
pub use crate::db::request_log::slice::Direction;
pub use crate::db::request_log::slice::LogCursor;
pub use crate::db::request_log::slice::LogQuery;
