//! Request logs: one table with its filters, on a key's page, of a workspace, of the account.

pub mod address;
pub mod base;
pub mod block;
mod curl;
pub mod cursor;
mod explorer;
mod exposed;
pub mod line;
mod message;
pub mod range;
mod reasons;
mod request;
pub mod scope;
mod steps;
mod terms;

use crate::dashboard::door::Door::Workspace;
use crate::dashboard::url_table::UrlTable;
use crate::dashboard::url_table::at;
use crate::dashboard::urls;
use crate::domain::right::Right::SeeLogs;

pub(super) fn routes(table: &mut UrlTable<'_>) {
    table
        .add(at("/w/{w}/developers/logs").get(Workspace(SeeLogs), explorer::get))
        .add(at("/w/{w}/developers/logs/{r}").get(Workspace(SeeLogs), request::get));
}

/// One request's page.
pub fn request_url(workspace: &str, request_id: &str) -> String {
    format!("{}/{request_id}", urls::logs(workspace))
}
