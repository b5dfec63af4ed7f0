//! Request logs: one table with its filters, on a key's page, of a workspace, of the account.

pub mod address;
pub mod base;
pub mod block;
pub mod chips;
mod curl;
pub mod cursor;
pub mod explorer;
mod export;
mod fields;
mod file;
pub mod line;
mod message;
pub mod reasons;
pub mod request;
pub mod scope;
mod state_then;
pub mod steps;
pub mod tail;
mod terms;

use crate::dashboard::door::Door::Account;
use crate::dashboard::door::Door::Workspace;
use crate::dashboard::url_table::UrlTable;
use crate::dashboard::url_table::at;
use crate::dashboard::urls;
use crate::domain::right::Right::ExportLogs;
use crate::domain::right::Right::SeeAllLogs;
use crate::domain::right::Right::SeeLogs;

pub(super) fn routes(table: &mut UrlTable<'_>) {
    table
        .add(at("/w/{w}/developers/logs").get(Workspace(SeeLogs), explorer::get))
        .add(at("/w/{w}/developers/logs.csv").get(Workspace(ExportLogs), export::csv))
        .add(at("/w/{w}/developers/logs.jsonl").get(Workspace(ExportLogs), export::jsonl))
        .add(at("/account/logs").get(Account(SeeAllLogs), explorer::account))
        .add(at("/account/logs.csv").get(Account(SeeAllLogs), export::account_csv))
        .add(at("/account/logs.jsonl").get(Account(SeeAllLogs), export::account_jsonl))
        // A page of its own: "tail" is no request id.
        .add(at("/w/{w}/developers/logs/tail").get(Workspace(SeeLogs), tail::get))
        .add(at("/w/{w}/developers/logs/{r}").get(Workspace(SeeLogs), request::get));
}

/// One request's page.
pub fn request_url(root: &str, request_id: &str) -> String {
    format!("{}/{request_id}", urls::logs_in(root))
}
