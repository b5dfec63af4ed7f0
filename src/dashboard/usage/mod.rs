//! `/w/{w}/developers/usage`: what a workspace's keys did in the last 30 days.

mod chosen;
mod export;
mod latency;
pub mod page;
mod read;

use crate::dashboard::door::Door::Workspace;
use crate::dashboard::url_table::UrlTable;
use crate::dashboard::url_table::at;
use crate::domain::right::Right::ExportKeys;
use crate::domain::right::Right::SeeKeys;

pub(in crate::dashboard) fn routes(table: &mut UrlTable<'_>) {
    table
        .add(at("/w/{w}/developers/usage").get(Workspace(SeeKeys), page::get))
        .add(at("/w/{w}/developers/usage.csv").get(Workspace(ExportKeys), export::get));
}
