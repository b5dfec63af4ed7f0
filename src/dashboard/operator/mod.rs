//! The operator's pages: for those who run the installation. Who is no staff finds nothing here.

mod accounts;
mod area;
mod blocks;
mod catalogue;
mod node_row;
mod nodes;

use actix_web::web;
use actix_web::web::ServiceConfig;

use crate::dashboard::at;
use crate::dashboard::read;
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
        let open = move |page: &Self| staff == StaffRole::Operator || page.is_for_support();
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

    /// Whether support staff may read it. They never change anything.
    fn is_for_support(self) -> bool {
        match self {
            Self::Accounts => false,
            Self::Nodes | Self::Blocks | Self::Catalogue => true,
        }
    }
}

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(at(OperatorPage::Accounts.url()).route(read().to(accounts::list::get)))
        .service(
            at("/operator/accounts/{account}")
                .route(read().to(accounts::settings::get))
                .route(web::post().to(accounts::settings::post)),
        )
        .service(
            at("/operator/accounts/{account}/suspend")
                .route(read().to(accounts::suspend::get))
                .route(web::post().to(accounts::suspend::post)),
        )
        .service(
            at("/operator/accounts/{account}/unsuspend")
                .route(web::post().to(accounts::suspend::resume)),
        )
        .service(at(OperatorPage::Nodes.url()).route(read().to(nodes::get)))
        .service(at(OperatorPage::Blocks.url()).route(read().to(blocks::get)))
        .service(at(OperatorPage::Catalogue.url()).route(read().to(catalogue::get)))
        .service(at("/operator/catalogue/{version}").route(read().to(catalogue::document)))
        .service(at("/operator/blocks/lift").route(web::post().to(blocks::lift)));
}
