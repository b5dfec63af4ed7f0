//! The log explorer, asked for as people do.

mod account;
mod chips;
mod export;
mod filters;
mod gaps;
mod pages;
mod request;
mod tail;

use crate::support::html::Page;

pub const LOGS: &str = "/w/default/developers/logs";

pub fn endpoints(page: &Page) -> String {
    page.texts("td[data-column=endpoint]").join(" ")
}
