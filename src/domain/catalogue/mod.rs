//! What an API offers to be granted and sold: permissions with their routes, presets, meters, plans.
//!
//! The operator writes it as one TOML document; docs/catalogue.md has its form.

mod check;
mod fault;
mod fields;
mod parse;
mod routes;
mod sections;
mod template;

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::endpoint::Method;
use crate::domain::grant::Permissions;
use crate::domain::plan::Meter;
use crate::domain::plan::Plan;
use crate::domain::role::WorkspaceRole;

pub use crate::domain::catalogue::fault::Fault;
pub use crate::domain::catalogue::fault::Faults;
pub use crate::domain::catalogue::parse::Document;
use crate::domain::catalogue::routes::Routes;

/// The catalogue of an installation that was given no other.
pub const BUILT_IN: &str = include_str!("built_in.toml");

/// Longest document.
pub const DOCUMENT_BYTES_MAX: usize = 256 * 1024;

/// What one request counts on meters, by slug.
pub type Amounts = Arc<[(Box<str>, u64)]>;

/// One version of the catalogue, valid as a whole. The default one offers nothing.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// Counted from 1; 0 where there is none yet.
    pub version: i32,
    /// In the document's order, like all that follows.
    pub permissions: Vec<Permission>,
    pub presets: Vec<Preset>,
    pub meters: Vec<Meter>,
    pub plans: Vec<Plan>,
    pub rights: Rights,
    by_slug: HashMap<Box<str>, usize, foldhash::fast::RandomState>,
    routes: Routes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Risk {
    Low,
    Medium,
    High,
}

impl Risk {
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// `resource:action`
    pub slug: String,
    pub label: String,
    pub help: String,
    pub risk: Risk,
    pub routes: Vec<Route>,
    /// What each of its requests counts, beside `requests` and `credits`; often nothing.
    pub meters: Amounts,
}

impl Permission {
    /// What stands before the colon.
    pub fn resource(&self) -> &str {
        self.slug
            .split_once(':')
            .map_or("", |(resource, _)| resource)
    }
}

/// A method and the form of a path: `GET /v1/documents/{resource}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub method: Method,
    pub template: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    pub slug: String,
    pub label: String,
    /// What a key of it can do, in words.
    pub summary: String,
    /// What it cannot.
    pub cannot: String,
    /// Each named: `documents:*` is spelled out, so that a permission which is added later widens
    /// nothing. Only `*` stays.
    pub permissions: Vec<String>,
}

/// What the people of a workspace may do at the API, and with them their `inherit` keys.
#[derive(Debug, Clone, Default)]
pub struct Rights {
    pub viewer: Arc<Permissions>,
    pub developer: Arc<Permissions>,
    pub admin: Arc<Permissions>,
}

impl Rights {
    pub fn of(&self, role: WorkspaceRole) -> &Arc<Permissions> {
        match role {
            WorkspaceRole::Viewer => &self.viewer,
            WorkspaceRole::Developer => &self.developer,
            WorkspaceRole::Admin => &self.admin,
        }
    }
}

/// What a request to a route needs.
#[derive(Debug, Clone, Copy)]
pub struct Matched<'c, 'p> {
    pub permission: &'c Permission,
    /// What stands in the path where the template has `{resource}`, as it is encoded there.
    pub resource: Option<&'p str>,
}

impl Catalogue {
    /// Reads a document and tells every fault of it at once.
    pub fn parse(version: i32, text: &str) -> Result<Self, Faults> {
        let document = Document::parse(text)?;
        Ok(Self {
            version,
            ..document.catalogue
        })
    }

    pub fn permission(&self, slug: &str) -> Option<&Permission> {
        self.permissions.get(*self.by_slug.get(slug)?)
    }

    pub fn preset(&self, slug: &str) -> Option<&Preset> {
        self.presets.iter().find(|preset| preset.slug == slug)
    }

    pub fn meter(&self, slug: &str) -> Option<&Meter> {
        self.meters.iter().find(|meter| meter.slug == slug)
    }

    pub fn plan(&self, slug: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.slug == slug)
    }

    /// The permission that a request to `path` (without its query) needs. `HEAD` needs what `GET`
    /// needs, unless it has a route of its own. Asks for no memory.
    pub fn route<'p>(&self, method: Method, path: &'p str) -> Option<Matched<'_, 'p>> {
        let found = self.routes.find(method, path).or_else(|| {
            let is_head = method == Method::Head;
            is_head.then(|| self.routes.find(Method::Get, path))?
        })?;
        Some(Matched {
            permission: self.permissions.get(found.permission)?,
            resource: found.resource,
        })
    }
}

#[cfg(test)]
mod tests;
