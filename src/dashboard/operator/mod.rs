//! The operator's pages: for those who run the installation. Who is no staff finds nothing here.

mod accounts;
mod area;
mod blocks;
mod catalogue;
mod node_row;
mod nodes;

use crate::dashboard::door::Door::Staff;
use crate::dashboard::url_table::UrlTable;
use crate::dashboard::url_table::at;
use crate::domain::right::Right;
use crate::domain::right::Right::ReadInstallation;
use crate::domain::right::Right::RunInstallation;
use crate::domain::role::StaffRole;

pub use crate::dashboard::operator::area::OperatorArea;

/// The pages of the navigation's group "Operator". A new one goes in here, into `ALL`, and into
/// `routes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorPage {
    Accounts,
    Nodes,
    Blocks,
    Catalogue,
}

impl OperatorPage {
    /// In the order of the navigation.
    const ALL: [Self; 4] = [Self::Nodes, Self::Blocks, Self::Catalogue, Self::Accounts];

    /// Those that staff in this role may open. The first is where they arrive.
    pub fn of(staff: StaffRole) -> impl Iterator<Item = Self> {
        let open = move |page: &Self| staff.may(page.takes());
        Self::ALL.into_iter().filter(open)
    }

    pub fn url(self) -> &'static str {
        match self {
            Self::Accounts => "/operator/accounts",
            Self::Nodes => "/operator/nodes",
            Self::Blocks => "/operator/blocks",
            Self::Catalogue => "/operator/catalogue",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Accounts => "Accounts",
            Self::Nodes => "Nodes",
            Self::Blocks => "Blocked addresses",
            Self::Catalogue => "Catalogue",
        }
    }

    pub fn icon(self) -> &'static str {
        match self {
            Self::Accounts => "person",
            Self::Nodes => "nodes",
            Self::Blocks => "block",
            Self::Catalogue => "list",
        }
    }

    /// What it takes to open it.
    fn takes(self) -> Right {
        match self {
            Self::Accounts => RunInstallation,
            Self::Nodes | Self::Blocks | Self::Catalogue => ReadInstallation,
        }
    }
}

pub(super) fn routes(table: &mut UrlTable<'_>) {
    let (read, run) = (Staff(ReadInstallation), Staff(RunInstallation));
    table
        .add(at("/operator/accounts").get(run, accounts::list::get))
        .add(
            at("/operator/accounts/{account}")
                .get(run, accounts::settings::get)
                .post(run, accounts::settings::post),
        )
        .add(
            at("/operator/accounts/{account}/suspend")
                .get(run, accounts::suspend::get)
                .post(run, accounts::suspend::post),
        )
        .add(at("/operator/accounts/{account}/unsuspend").post(run, accounts::suspend::resume))
        .add(at("/operator/nodes").get(read, nodes::get))
        .add(at("/operator/blocks").get(read, blocks::get))
        .add(at("/operator/blocks/lift").post(run, blocks::lift))
        .add(at("/operator/catalogue").get(read, catalogue::get))
        .add(at("/operator/catalogue/{version}").get(read, catalogue::document));
}
