//! The audit log: who changed what, of a workspace, of the account, of the installation.

mod address;
mod diff;
mod entry;
mod export;
mod file;
mod line;
mod list;
mod scope;

use crate::dashboard::door::Door::Account;
use crate::dashboard::door::Door::Staff;
use crate::dashboard::door::Door::Workspace;
use crate::dashboard::url_table::UrlTable;
use crate::dashboard::url_table::at;
use crate::domain::right::Right::RunInstallation;
use crate::domain::right::Right::SeeAllAudit;
use crate::domain::right::Right::SeeAudit;

pub(super) fn routes(table: &mut UrlTable<'_>) {
    let (here, all, run) = (
        Workspace(SeeAudit),
        Account(SeeAllAudit),
        Staff(RunInstallation),
    );
    table
        .add(at("/w/{w}/audit").get(here, list::workspace))
        .add(at("/w/{w}/audit.csv").get(here, export::workspace_csv))
        .add(at("/w/{w}/audit.jsonl").get(here, export::workspace_jsonl))
        .add(at("/w/{w}/audit/{e}").get(here, entry::workspace))
        .add(at("/account/audit").get(all, list::account))
        .add(at("/account/audit.csv").get(all, export::account_csv))
        .add(at("/account/audit.jsonl").get(all, export::account_jsonl))
        .add(at("/account/audit/{e}").get(all, entry::account))
        .add(at("/operator/audit").get(run, list::operator))
        .add(at("/operator/audit.csv").get(run, export::operator_csv))
        .add(at("/operator/audit.jsonl").get(run, export::operator_jsonl))
        .add(at("/operator/audit/{e}").get(run, entry::operator));
}
