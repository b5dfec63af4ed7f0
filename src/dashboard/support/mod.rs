//! The support desk: finding anything from whatever a customer pasted, and looking into their
//! account with a reason, for half an hour, reading only, and seen by its owners.

pub mod account;
mod disable;
mod hits;
mod letters;
pub mod life;
mod open;
pub mod pages;
mod search;
mod session;
mod sessions;
pub mod summary;
pub mod visit;
mod wanted;

use crate::dashboard::door::Door::Staff;
use crate::dashboard::door::Door::Support;
use crate::dashboard::keys;
use crate::dashboard::logs;
use crate::dashboard::plan;
use crate::dashboard::url_table::UrlTable;
use crate::dashboard::url_table::at;
use crate::dashboard::urls;
use crate::dashboard::usage;
use crate::domain::right::Right::DisableInEmergency;
use crate::domain::right::Right::SearchAccounts;
use crate::domain::right::Right::SupportAccounts;

/// The pages that navigation leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SupportPage {
    Search,
    Sessions,
    /// Of the account that is looked into; its address is the account's.
    Account,
}

impl SupportPage {
    /// Those of the desk itself.
    pub const DESK: [Self; 2] = [Self::Search, Self::Sessions];

    pub fn url(self) -> &'static str {
        match self {
            Self::Search | Self::Account => urls::SUPPORT,
            Self::Sessions => urls::SUPPORT_SESSIONS,
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Search => "Support desk",
            Self::Sessions => "Your looks",
            Self::Account => "Account",
        }
    }

    pub fn icon(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Sessions => "eye",
            Self::Account => "person",
        }
    }
}

/// What is below an account and only read is the customer's own page, by its own handler.
pub(super) fn routes(table: &mut UrlTable<'_>) {
    let (find, begin) = (Staff(SearchAccounts), Staff(SupportAccounts));
    let (look, stop) = (Support(SupportAccounts), Support(DisableInEmergency));
    table
        .add(at("/support").get(find, search::get))
        .add(at("/support/sessions").get(find, sessions::get))
        .add(
            at("/support/accounts/{a}/open")
                .get(begin, open::get)
                .post(begin, open::post),
        )
        .add(at("/support/accounts/{a}/renew").post(look, session::renew))
        .add(at("/support/accounts/{a}/end").post(begin, session::end))
        .add(at("/support/accounts/{a}/addresses").post(look, session::addresses))
        .add(at("/support/accounts/{a}").get(look, account::get))
        .add(at("/support/accounts/{a}/logs").get(look, logs::explorer::account))
        .add(at("/support/accounts/{a}/usage").get(look, plan::usage::get))
        .add(at("/support/accounts/{a}/w/{w}/developers/keys").get(look, keys::list::get))
        .add(at("/support/accounts/{a}/w/{w}/developers/keys/{k}").get(look, keys::show::get))
        .add(
            at("/support/accounts/{a}/w/{w}/developers/keys/{k}/explain")
                .get(look, keys::explain::get),
        )
        .add(
            at("/support/accounts/{a}/w/{w}/developers/keys/{k}/emergency-disable")
                .get(stop, disable::get)
                .post(stop, disable::post),
        )
        .add(at("/support/accounts/{a}/w/{w}/developers/usage").get(look, usage::page::get))
        .add(at("/support/accounts/{a}/w/{w}/developers/logs").get(look, logs::explorer::get))
        .add(at("/support/accounts/{a}/w/{w}/developers/logs/{r}").get(look, logs::request::get));
}
