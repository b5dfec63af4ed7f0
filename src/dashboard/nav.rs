//! The navigation of a signed-in page: what the person may open, and where they are.

use crate::dashboard::operator::OperatorPage;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::urls;
use crate::domain::right::Right;
use crate::domain::role::StaffRole;

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
            groups.push(NavGroup {
                heading: "Operator",
                links: self.operator_links(staff),
            });
        }
        groups
    }

    /// All of them for who has nothing else, and on the operator's pages; one that leads there on
    /// the pages of a company, so that its own are not lost among them.
    fn operator_links(&self, staff: StaffRole) -> Vec<NavLink> {
        let link = |page: OperatorPage| NavLink {
            href: page.url().to_owned(),
            label: page.label(),
            icon: page.icon(),
            shortcut: "",
            current: self.section == Section::Operator(page),
        };
        let is_there = matches!(self.section, Section::Operator(_));
        let mut pages = OperatorPage::of(staff).map(link);
        if is_there || !self.has_workspace() {
            return pages.collect();
        }
        let first = pages.next().map(|first| NavLink {
            label: "Installation",
            ..first
        });
        first.into_iter().collect()
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
        if self.account.may(Right::ManageMembers) {
            let section = Section::AccountMembers;
            links.push(link(
                section,
                urls::ACCOUNT_MEMBERS,
                "All members",
                "people",
            ));
        }
        if self.account.may(Right::ManageWorkspaces) {
            let section = Section::AccountWorkspaces;
            let href = urls::ACCOUNT_WORKSPACES;
            links.push(link(section, href, "All workspaces", "workspaces"));
        }
        if self.account.may(Right::SeeAllLogs) {
            let section = Section::AccountLogs;
            links.push(link(section, urls::ACCOUNT_LOGS, "All logs", "logs"));
        }
        if self.account.may(Right::SeeAllAudit) {
            let section = Section::AccountAudit;
            let href = urls::ACCOUNT_AUDIT;
            links.push(link(section, href, "Company audit log", "list"));
        }
        if self.account.may(Right::SeePlan) {
            let section = Section::PlanUsage;
            links.push(link(section, urls::PLAN_USAGE, "Plan and usage", "usage"));
        }
        if self.account.may(Right::SetSignInRules) {
            let section = Section::SignInRules;
            links.push(link(section, urls::SIGN_IN_RULES, "Sign-in rules", "key"));
        }
        if self.account.may(Right::SetLogRetention) {
            let section = Section::LogRetention;
            links.push(link(
                section,
                urls::LOG_RETENTION,
                "Log retention",
                "expiring",
            ));
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
            let links = vec![
                link(Section::Keys, "API keys", "key", "g k"),
                link(Section::Logs, "Logs", "logs", "g l"),
                link(Section::Usage, "Usage", "usage", ""),
            ];
            groups.push(NavGroup {
                heading: "Developers",
                links,
            });
        }
        if self.workspace.may_set {
            groups.push(NavGroup {
                heading: "Settings",
                links: vec![
                    link(Section::Audit, "Audit log", "list", ""),
                    link(Section::KeyPolicy, "Key policy", "pencil", ""),
                    link(Section::Features, "Features", "switch", ""),
                ],
            });
        }
        groups
    }
}
