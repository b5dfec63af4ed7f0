//! One row for every decision about a known key.

mod page;

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
