//! The log explorer, asked for as people do.

mod filters;
mod pages;
mod request;

use crate::support::html::Page;

pub const LOGS: &str = "/w/default/developers/logs";

pub fn endpoints(page: &Page) -> String {
    page.texts("td[data-column=endpoint]").join(" ")
}
