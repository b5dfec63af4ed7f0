//! The operator's pages: for those who run the installation. Who is no staff finds nothing here.

mod accounts;
mod area;
mod blocks;
mod catalogue;
mod credentials;
mod node_row;
mod nodes;
mod plans;
mod staff;
mod welcome;

use crate::dashboard::door::Door;
use crate::dashboard::door::Door::Staff;
use crate::dashboard::url_table::UrlTable;
use crate::dashboard::url_table::at;
use crate::dashboard::urls;
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
    Plans,
    Credentials,
    Staff,
    Audit,
}

impl OperatorPage {
    /// In the order of the navigation.
    const ALL: [Self; 8] = [
        Self::Nodes,
        Self::Blocks,
        Self::Catalogue,
        Self::Plans,
        Self::Accounts,
        Self::Credentials,
        Self::Staff,
        Self::Audit,
    ];

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
            Self::Plans => "/operator/plans",
            Self::Credentials => "/operator/credentials",
            Self::Staff => "/operator/staff",
            Self::Audit => urls::OPERATOR_AUDIT,
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Accounts => "Accounts",
            Self::Nodes => "Nodes",
            Self::Blocks => "Blocked addresses",
            Self::Catalogue => "Catalogue",
            Self::Plans => "Plans",
            Self::Credentials => "Service credentials",
            Self::Staff => "Staff",
            Self::Audit => "Audit log",
        }
    }

    pub fn icon(self) -> &'static str {
        match self {
            Self::Accounts => "person",
            Self::Nodes => "nodes",
            Self::Blocks => "block",
            Self::Catalogue => "list",
            Self::Plans => "usage",
            Self::Credentials => "key",
            Self::Staff => "people",
            Self::Audit => "logs",
        }
    }

    /// What it takes to open it.
    fn takes(self) -> Right {
        match self {
            Self::Accounts | Self::Plans | Self::Credentials | Self::Staff | Self::Audit => {
                RunInstallation
            }
            Self::Nodes | Self::Blocks | Self::Catalogue => ReadInstallation,
        }
    }
}

pub(super) fn routes(table: &mut UrlTable<'_>) {
    let (read, run) = (Staff(ReadInstallation), Staff(RunInstallation));
    table
        .add(at("/operator/accounts").get(run, accounts::list::get))
        .add(
            at("/operator/accounts/new")
                .get(run, accounts::create::get)
                .post(run, accounts::create::post),
        )
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
        .add(at("/operator/plans").get(run, plans::get))
        .add(at("/operator/nodes").get(read, nodes::get))
        .add(at("/operator/blocks").get(read, blocks::get))
        .add(at("/operator/blocks/lift").post(run, blocks::lift))
        .add(at("/operator/catalogue").get(read, catalogue::get))
        .add(at("/operator/catalogue/{version}").get(read, catalogue::document));
    people_and_programs(table, run);
}

fn people_and_programs(table: &mut UrlTable<'_>, run: Door) {
    table
        .add(at("/operator/credentials").get(run, credentials::list::get))
        .add(
            at("/operator/credentials/new")
                .get(run, credentials::create::get)
                .post(run, credentials::create::post),
        )
        .add(
            at("/operator/credentials/{credential}/revoke")
                .get(run, credentials::revoke::get)
                .post(run, credentials::revoke::post),
        )
        .add(at("/operator/staff").get(run, staff::list::get))
        .add(
            at("/operator/staff/new")
                .get(run, staff::create::get)
                .post(run, staff::create::post),
        )
        .add(
            at("/operator/staff/{staff}/remove")
                .get(run, staff::remove::get)
                .post(run, staff::remove::post),
        );
}
