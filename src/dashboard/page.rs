//! What every page knows: who looks, where they are, and how to reach the rest.

use crate::dashboard::flash::Flash;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::urls;
use crate::domain::role::StaffRole;
use crate::http::assets::Assets;

/// The frame of a signed-in page (`layouts/app.html`).
#[derive(Clone, Debug)]
pub struct PageContext {
    pub assets: Assets,
    /// `auto`, `light` or `dark`.
    pub theme: &'static str,
    pub csrf: String,
    pub flash: Option<Flash>,
    /// The time zone of every time on the page, as the footer names it.
    pub zone: &'static str,
    pub request_id: String,
    pub user: Viewer,
    /// Empty for staff who belong to no account.
    pub account: AccountLabel,
    /// Empty for those who may open none; see `has_workspace`.
    pub workspace: WorkspaceLabel,
    pub workspaces: Vec<WorkspaceLabel>,
    pub section: Section,
}

/// The frame of a page outside a session (`layouts/plain.html`).
#[derive(Clone, Debug)]
pub struct PlainContext {
    pub assets: Assets,
    pub theme: &'static str,
    pub csrf: String,
    pub flash: Option<Flash>,
    pub request_id: String,
}

#[derive(Clone, Debug)]
pub struct Viewer {
    pub name: String,
    pub email: String,
    /// The role at the operator, which opens the operator's pages.
    pub staff: Option<StaffRole>,
}

#[derive(Clone, Debug, Default)]
pub struct AccountLabel {
    pub name: String,
    pub domain: String,
    /// Whether the person may see the plan and all that is used of it.
    pub may_see_plan: bool,
    /// Whether the person looks after those who belong to it.
    pub may_manage_members: bool,
}

#[derive(Clone, Debug, Default)]
pub struct WorkspaceLabel {
    pub slug: String,
    pub name: String,
    pub current: bool,
    /// Whether the Developers pages are switched on here.
    pub developers: bool,
    /// Whether the person may change its settings.
    pub may_set: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Overview,
    Members,
    Keys,
    KeyPolicy,
    PlanUsage,
    AccountMembers,
    Operator(OperatorPage),
    /// A page that no entry of the navigation leads to.
    Elsewhere,
}

pub struct NavGroup {
    /// Empty for the first, unnamed group.
    pub heading: &'static str,
    pub links: Vec<NavLink>,
}

pub struct NavLink {
    pub href: String,
    pub label: &'static str,
    pub icon: &'static str,
    /// The keys that lead here, as `g k`; empty for none.
    pub shortcut: &'static str,
    pub current: bool,
}

impl PageContext {
    pub fn home(&self) -> String {
        if self.has_workspace() {
            Section::Overview.url(&self.workspace.slug)
        } else {
            "/".to_owned()
        }
    }

    /// Whether there are keys to search and workspaces to switch between.
    pub fn has_workspace(&self) -> bool {
        !self.workspace.slug.is_empty()
    }

    /// Where the search field of the top bar sends its `q`.
    pub fn search_url(&self) -> String {
        Section::Keys.url(&self.workspace.slug)
    }

    /// The same section in another workspace.
    pub fn switch_url(&self, workspace: &WorkspaceLabel) -> String {
        match self.section {
            Section::KeyPolicy if !workspace.may_set => Section::Overview.url(&workspace.slug),
            section => section.url(&workspace.slug),
        }
    }

    pub fn nav(&self) -> Vec<NavGroup> {
        let mut groups = Vec::new();
        if self.has_workspace() {
            groups.extend(self.workspace_groups());
        }
        let company = self.company_links();
        if !company.is_empty() {
            groups.push(NavGroup {
                heading: "Company",
                links: company,
            });
        }
        if let Some(staff) = self.user.staff {
            let link = |page: OperatorPage| NavLink {
                href: page.url().to_owned(),
                label: page.label(),
                icon: page.icon(),
                shortcut: "",
                current: self.section == Section::Operator(page),
            };
            groups.push(NavGroup {
                heading: "Operator",
                links: OperatorPage::of(staff).map(link).collect(),
            });
        }
        groups
    }

    fn company_links(&self) -> Vec<NavLink> {
        let link = |section, href: &str, label, icon| NavLink {
            href: href.to_owned(),
            label,
            icon,
            shortcut: "",
            current: self.section == section,
        };
        let mut links = Vec::new();
        if self.account.may_manage_members {
            let section = Section::AccountMembers;
            links.push(link(
                section,
                urls::ACCOUNT_MEMBERS,
                "All members",
                "people",
            ));
        }
        if self.account.may_see_plan {
            let section = Section::PlanUsage;
            links.push(link(section, urls::PLAN_USAGE, "Plan and usage", "usage"));
        }
        links
    }

    fn workspace_groups(&self) -> Vec<NavGroup> {
        let link = |section, label, icon, shortcut| NavLink {
            href: Section::url(section, &self.workspace.slug),
            label,
            icon,
            shortcut,
            current: self.section == section,
        };
        let overview = link(Section::Overview, "Overview", "overview", "g o");
        let mut groups = vec![NavGroup {
            heading: "",
            links: vec![overview, link(Section::Members, "Members", "people", "")],
        }];
        if self.workspace.developers {
            let links = vec![link(Section::Keys, "API keys", "key", "g k")];
            groups.push(NavGroup {
                heading: "Developers",
                links,
            });
        }
        if self.workspace.may_set {
            groups.push(NavGroup {
                heading: "Settings",
                links: vec![link(Section::KeyPolicy, "Key policy", "pencil", "")],
            });
        }
        groups
    }
}

impl Section {
    /// In that workspace; of a page outside the workspaces, its overview.
    fn url(self, slug: &str) -> String {
        match self {
            Self::Overview
            | Self::PlanUsage
            | Self::AccountMembers
            | Self::Operator(_)
            | Self::Elsewhere => urls::workspace(slug),
            Self::Members => urls::members(slug),
            Self::Keys => urls::keys(slug),
            Self::KeyPolicy => urls::key_policy(slug),
        }
    }
}

#[cfg(test)]
impl PageContext {
    /// For the samples that pages are rendered from in tests.
    pub(crate) fn sample(section: Section) -> Self {
        let workspace = |slug: &str, name: &str, current| WorkspaceLabel {
            slug: slug.to_owned(),
            name: name.to_owned(),
            current,
            developers: true,
            may_set: true,
        };
        Self {
            assets: Assets::load(),
            theme: "auto",
            csrf: "sample-csrf".to_owned(),
            flash: None,
            zone: "UTC",
            request_id: "req_sample".to_owned(),
            user: Viewer {
                name: "Ada Byron".to_owned(),
                email: "ada@acme.example".to_owned(),
                staff: None,
            },
            account: AccountLabel {
                name: "Acme".to_owned(),
                domain: "acme".to_owned(),
                may_see_plan: true,
                may_manage_members: true,
            },
            workspace: workspace("default", "Default", true),
            workspaces: vec![
                workspace("default", "Default", true),
                workspace("staging", "Staging", false),
            ],
            section,
        }
    }
}

#[cfg(test)]
impl PlainContext {
    pub(crate) fn sample() -> Self {
        Self {
            assets: Assets::load(),
            theme: "auto",
            csrf: "sample-csrf".to_owned(),
            flash: None,
            request_id: "req_sample".to_owned(),
        }
    }
}
