//! The operator's pages: for those who run the installation. Who is no staff finds nothing here.

mod area;
mod blocks;
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
    Nodes,
    Blocks,
}

impl OperatorPage {
    /// In the order of the navigation.
    const ALL: [Self; 2] = [Self::Nodes, Self::Blocks];

    /// Those that staff in this role may open. The first is where they arrive.
    pub fn of(staff: StaffRole) -> impl Iterator<Item = Self> {
        let open = move |page: &Self| staff == StaffRole::Operator || page.is_for_support();
        Self::ALL.into_iter().filter(open)
    }

    pub fn url(self) -> &'static str {
        match self {
            Self::Nodes => "/operator/nodes",
            Self::Blocks => "/operator/blocks",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Nodes => "Nodes",
            Self::Blocks => "Blocked addresses",
        }
    }

    pub fn icon(self) -> &'static str {
        match self {
            Self::Nodes => "nodes",
            Self::Blocks => "block",
        }
    }

    /// Whether support staff may read it. They never change anything.
    fn is_for_support(self) -> bool {
        match self {
            Self::Nodes | Self::Blocks => true,
        }
    }
}

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(at(OperatorPage::Nodes.url()).route(read().to(nodes::get)))
        .service(at(OperatorPage::Blocks.url()).route(read().to(blocks::get)))
        .service(at("/operator/blocks/lift").route(web::post().to(blocks::lift)));
}
