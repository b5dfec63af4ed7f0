//! `/account/support`: to its owners, who of support looked into the account, at what, and why;
//! and whether they are asked first.

mod decide;
pub mod line;
mod looks;
pub mod notice;
mod page;

use crate::dashboard::door::Door::Account;
use crate::dashboard::url_table::UrlTable;
use crate::dashboard::url_table::at;
use crate::domain::right::Right::OverseeSupport;

pub(super) fn routes(table: &mut UrlTable<'_>) {
    let owners = Account(OverseeSupport);
    table
        .add(at("/account/support").get(owners, page::get))
        // A page of its own: "settings" is no look.
        .add(at("/account/support/settings").post(owners, decide::settings))
        .add(at("/account/support/{s}").get(owners, looks::get))
        .add(at("/account/support/{s}/approve").post(owners, decide::approve))
        .add(at("/account/support/{s}/decline").post(owners, decide::decline));
}
