//! What every page knows: who looks, where they are, and how to reach the rest.

use crate::dashboard::flash::Flash;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::support::SupportPage;
use crate::dashboard::support::visit::Band;
use crate::dashboard::urls;
use crate::domain::right::Right;
use crate::domain::role::AccountRole;
use crate::domain::role::StaffRole;
use crate::http::assets::Assets;

/// More workspaces have a page to be found on.
const SWITCHABLE_MAX: usize = 10;

/// The frame of a signed-in page (`layouts/app.html`).
#[derive(Clone, Debug)]
pub struct PageContext {
    pub assets: Assets,
    /// `auto`, `light` or `dark`.
    pub theme: &'static str,
    /// `comfortable` or `compact`.
    pub density: &'static str,
    /// `on` or `off`.
    pub shortcuts: &'static str,
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
    /// On the pages of an account that support staff look into.
    pub support: Option<Band>,
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
    /// What the person may do in the account as a whole.
    pub role: Option<AccountRole>,
}

impl AccountLabel {
    /// Whether the person has this right, so that a link to its page is no dead end.
    pub fn may(&self, right: Right) -> bool {
        self.role.is_some_and(|role| role.may(right))
    }
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
    Logs,
    Usage,
    Audit,
    AccountAudit,
    AccountLogs,
    KeyPolicy,
    Features,
    PlanUsage,
    AccountWorkspaces,
    AccountMembers,
    SignInRules,
    Operator(OperatorPage),
    /// To owners: who of support looks into the account.
    SupportAccess,
    Support(SupportPage),
    /// A page that no entry of the navigation leads to.
    Elsewhere,
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

    /// Whether the switcher needs a page of its own beside its list.
    pub fn has_many_workspaces(&self) -> bool {
        self.workspaces.len() > SWITCHABLE_MAX
    }

    /// What the switcher lists: the current one first where not all fit.
    pub fn switchable(&self) -> Vec<&WorkspaceLabel> {
        let mut list: Vec<&WorkspaceLabel> = self.workspaces.iter().collect();
        if self.has_many_workspaces() {
            list.sort_by_key(|workspace| !workspace.current);
            list.truncate(SWITCHABLE_MAX);
        }
        list
    }

    /// Where the search field of the top bar sends its `q`.
    pub fn search_url(&self) -> String {
        Section::Keys.url(&self.workspace.slug)
    }

    /// The same section in another workspace.
    pub fn switch_url(&self, workspace: &WorkspaceLabel) -> String {
        match self.section {
            Section::Audit | Section::KeyPolicy | Section::Features if !workspace.may_set => {
                Section::Overview.url(&workspace.slug)
            }
            // There are no such pages; the overview says why.
            Section::Keys | Section::Logs | Section::Usage if !workspace.developers => {
                urls::overview_without_developers(&workspace.slug)
            }
            section => section.url(&workspace.slug),
        }
    }
}

impl Section {
    /// In that workspace; of a page outside the workspaces, its overview.
    pub(super) fn url(self, slug: &str) -> String {
        match self {
            Self::Overview
            | Self::PlanUsage
            | Self::AccountLogs
            | Self::AccountAudit
            | Self::AccountMembers
            | Self::AccountWorkspaces
            | Self::SignInRules
            | Self::Operator(_)
            | Self::SupportAccess
            | Self::Support(_)
            | Self::Elsewhere => urls::workspace(slug),
            Self::Members => urls::members(slug),
            Self::Keys => urls::keys(slug),
            Self::Logs => urls::logs(slug),
            Self::Usage => urls::usage(slug),
            Self::Audit => urls::audit(slug),
            Self::KeyPolicy => urls::key_policy(slug),
            Self::Features => urls::features(slug),
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
            density: "comfortable",
            shortcuts: "on",
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
                role: Some(AccountRole::Owner),
            },
            workspace: workspace("default", "Default", true),
            workspaces: vec![
                workspace("default", "Default", true),
                workspace("staging", "Staging", false),
            ],
            section,
            support: None,
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
