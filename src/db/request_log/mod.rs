//! One row for every decision about a known key.

mod append;
mod binds;
mod complete;
mod filter;
pub mod partitions;
mod row;
mod search;
mod slice;
mod time_box;

pub use crate::db::request_log::append::NewLogRow;
pub use crate::db::request_log::append::append;
pub use crate::db::request_log::complete::Completed;
pub use crate::db::request_log::complete::Completion;
pub use crate::db::request_log::complete::complete;
pub use crate::db::request_log::filter::LogFilter;
pub use crate::db::request_log::filter::Outcome;
pub use crate::db::request_log::row::KeyNow;
pub use crate::db::request_log::row::LogRow;
pub use crate::db::request_log::search::LogPage;
pub use crate::db::request_log::search::Stopped;
pub use crate::db::request_log::search::search;
pub use crate::db::request_log::slice::Direction;
pub use crate::db::request_log::slice::LogCursor;
pub use crate::db::request_log::slice::LogQuery;
