//! Whose log is read, and by whom.

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::logs::address::LogAddress;
use crate::dashboard::logs::base::Takes;
use crate::dashboard::moment::Moment;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::support::visit::Visit;
use crate::dashboard::urls;
use crate::db::request_log::LogQuery;
use crate::db::request_log::LogRow;
use crate::db::workspaces::ListedWorkspace;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::log_retention::KeptDays;
use crate::domain::person::UserId;
use crate::domain::right::Reach;
use crate::domain::right::Right;
use crate::domain::support::Sight;

/// Rows of a page.
pub const PAGE_ROWS: u16 = 50;

#[derive(Debug, Clone)]
pub struct Scope {
    pub account: AccountId,
    /// Of all workspaces of the account, or of one.
    pub is_account: bool,
    pub places: Vec<LogPlace>,
    pub reader: Reader,
    /// Older calls may still be there. They are not shown.
    pub kept: KeptDays,
}

/// A workspace that the log is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPlace {
    pub id: WorkspaceId,
    pub slug: String,
    /// Below which its pages are.
    pub root: String,
    pub name: String,
    /// Whether its pages can be opened.
    pub opens: bool,
}

#[derive(Debug, Clone, Copy)]
pub struct Reader {
    pub person: UserId,
    /// Of whose keys' callers addresses are shown.
    pub addresses: Reach,
    /// Of whose keys the rows may be taken away as a file.
    pub exports: Reach,
    /// Whether of those addresses the network alone is shown, and nothing found by them.
    pub masks: bool,
}

impl Reader {
    pub fn sees_address_of(&self, row: &LogRow) -> bool {
        self.addresses.covers(row.is_of(self.person))
    }

    /// How much of the caller's address.
    pub fn sight_of(&self, row: &LogRow) -> Sight {
        match (self.sees_address_of(row), self.masks) {
            (false, _) => Sight::Nothing,
            (true, true) => Sight::Masked,
            (true, false) => Sight::Whole,
        }
    }

    /// Of any address at most.
    pub fn sight(&self) -> Sight {
        match (self.addresses, self.masks) {
            (Reach::Nothing, _) => Sight::Nothing,
            (_, true) => Sight::Masked,
            (_, false) => Sight::Whole,
        }
    }

    /// To support staff, who take nothing away.
    pub fn of_visit(visit: &Visit, person: UserId) -> Self {
        Self {
            person,
            addresses: Reach::All,
            exports: Reach::Nothing,
            masks: visit.sight() != Sight::Whole,
        }
    }
}

impl Scope {
    pub fn of_workspace(place: &InWorkspace) -> Result<Self, PageError> {
        let workspace = &place.workspace;
        Ok(Self {
            account: place.account,
            is_account: false,
            places: vec![LogPlace {
                id: workspace.id,
                slug: workspace.slug.clone(),
                root: place.root(),
                name: workspace.name.clone(),
                opens: true,
            }],
            reader: match place.person.visit() {
                Some(visit) => Reader::of_visit(visit, place.person.viewer.id),
                None => Reader {
                    person: place.person.viewer.id,
                    addresses: workspace.role.reach(Right::SeeAddresses),
                    exports: workspace.role.reach(Right::ExportLogs),
                    masks: false,
                },
            },
            kept: place.person.log_kept()?,
        })
    }

    /// All workspaces of the account, to somebody who may see them all.
    pub fn of_account(person: &SignedIn, all: Vec<ListedWorkspace>) -> Result<Self, PageError> {
        let place = |workspace: ListedWorkspace| LogPlace {
            id: workspace.id,
            root: urls::root(&workspace.slug),
            slug: workspace.slug,
            name: workspace.name,
            opens: workspace.developers && workspace.archived_at.is_none(),
        };
        Ok(Self {
            account: person.membership()?.account,
            is_account: true,
            places: all.into_iter().map(place).collect(),
            reader: Reader {
                person: person.viewer.id,
                addresses: Reach::All,
                exports: Reach::All,
                masks: false,
            },
            kept: person.log_kept()?,
        })
    }

    /// The same to support staff, who look into every workspace, whatever became of it.
    #[must_use]
    pub fn seen_by(mut self, visit: &Visit) -> Self {
        for place in &mut self.places {
            place.root = visit.workspace_root(&place.slug);
            place.opens = true;
        }
        self.reader = Reader::of_visit(visit, self.reader.person);
        self
    }

    pub fn takes(&self) -> Takes {
        Takes {
            keys: true,
            workspaces: self.is_account,
            addresses: self.reader.sight() == Sight::Whole,
        }
    }

    pub fn place_of(&self, workspace: WorkspaceId) -> Option<&LogPlace> {
        self.places.iter().find(|place| place.id == workspace)
    }

    pub fn ids(&self) -> Vec<WorkspaceId> {
        self.places.iter().map(|place| place.id).collect()
    }

    /// That `address` asks for times of which nothing is kept.
    pub fn shortened(&self, address: &LogAddress, now: DateTime<Utc>) -> Option<String> {
        let since = self.kept.since(now);
        let (from, _) = address.bounds(now);
        (from < since).then(|| {
            let day = Moment::new(since, now).day();
            format!("Calls from before {day} are no longer kept.")
        })
    }

    /// The workspaces that `address` asks for.
    fn chosen(&self, address: &LogAddress) -> Vec<WorkspaceId> {
        let asked = &address.workspaces;
        let places = self.places.iter();
        let chosen = places.filter(|place| asked.is_empty() || asked.contains(&place.slug));
        chosen.map(|place| place.id).collect()
    }

    pub fn query(&self, address: &LogAddress, limit: u16, now: DateTime<Utc>) -> LogQuery {
        let (from, to) = address.bounds(now);
        let from = from.max(self.kept.since(now)).min(to);
        let mut filter = address.filter.clone();
        // Who sees the addresses of own keys' callers finds by them only among these.
        if filter.network.is_some() && self.reader.addresses == Reach::Own {
            filter.owner = Some(self.reader.person);
        }
        LogQuery {
            account: self.account,
            workspaces: self.chosen(address),
            from,
            to,
            filter,
            direction: address.direction.clone(),
            limit,
        }
    }
}
