//! Who belongs to the account and its workspaces, and as what.

mod account;
mod cursor;
mod roster;
mod words;
mod workspace;

use crate::dashboard::door::Door::Account;
use crate::dashboard::door::Door::Workspace;
use crate::dashboard::url_table::UrlTable;
use crate::dashboard::url_table::at;
use crate::domain::right::Right::ManageMembers;
use crate::domain::right::Right::SeeWorkspaceMembers;

pub(super) fn routes(table: &mut UrlTable<'_>) {
    table
        .add(at("/account/members").get(Account(ManageMembers), account::get))
        .add(at("/w/{w}/members").get(Workspace(SeeWorkspaceMembers), workspace::get));
}
