//! One row for every decision about a known key.

mod append;
mod complete;
mod page;
pub mod partitions;

pub use crate::db::request_log::append::NewLogRow;
pub use crate::db::request_log::append::append;
pub use crate::db::request_log::complete::Completed;
pub use crate::db::request_log::complete::Completion;
pub use crate::db::request_log::complete::complete;
pub use crate::db::request_log::page::Direction;
pub use crate::db::request_log::page::LogCursor;
pub use crate::db::request_log::page::LogFilter;
pub use crate::db::request_log::page::LogOf;
pub use crate::db::request_log::page::LogPage;
pub use crate::db::request_log::page::LogQuery;
pub use crate::db::request_log::page::LogRow;
pub use crate::db::request_log::page::LogRows;
pub use crate::db::request_log::page::Outcome;
pub use crate::db::request_log::page::page;
