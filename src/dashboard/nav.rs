//! The navigation of a signed-in page: what the person may open, and where they are.

use crate::dashboard::operator::OperatorPage;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::support::SupportPage;
use crate::dashboard::support::visit::Band;
use crate::dashboard::urls;
use crate::domain::right::Right;
use crate::domain::role::StaffRole;

pub struct NavGroup {
    /// Empty for the first, unnamed group.
    pub heading: String,
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
        if let Some(band) = &self.support {
            return self.visit_groups(band);
        }
        let mut groups = Vec::new();
        if self.has_workspace() {
            groups.extend(self.workspace_groups());
        }
        let company = self.company_links();
        if !company.is_empty() {
            groups.push(NavGroup {
                heading: "Company".to_owned(),
                links: company,
            });
        }
        if let Some(staff) = self.user.staff {
            groups.push(NavGroup {
                heading: "Support".to_owned(),
                links: self.desk_links(),
            });
            groups.push(NavGroup {
                heading: "Operator".to_owned(),
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

    /// The desk itself, from wherever staff are.
    fn desk_links(&self) -> Vec<NavLink> {
        let is_there = matches!(self.section, Section::Support(_) | Section::Operator(_));
        let shown = if is_there || !self.has_workspace() {
            SupportPage::DESK.len()
        } else {
            1
        };
        let pages = SupportPage::DESK.into_iter().take(shown);
        pages
            .map(|page| NavLink {
                href: page.url().to_owned(),
                label: page.label(),
                icon: page.icon(),
                shortcut: "",
                current: self.section == Section::Support(page),
            })
            .collect()
    }

    /// While they look into an account: the desk, the account, the workspace that they are in.
    fn visit_groups(&self, band: &Band) -> Vec<NavGroup> {
        let link = |section, href, label, icon| NavLink {
            href,
            label,
            icon,
            shortcut: "",
            current: self.section == section,
        };
        let account = Section::Support(SupportPage::Account);
        let mut groups = vec![
            NavGroup {
                heading: "Support".to_owned(),
                links: self.desk_links(),
            },
            NavGroup {
                heading: band.account.clone(),
                links: vec![
                    link(account, band.url.clone(), "Account", "person"),
                    link(
                        Section::AccountLogs,
                        format!("{}/logs", band.url),
                        "All logs",
                        "logs",
                    ),
                    link(
                        Section::PlanUsage,
                        format!("{}/usage", band.url),
                        "Plan and usage",
                        "usage",
                    ),
                ],
            },
        ];
        if let Some(root) = &band.workspace_root {
            groups.push(NavGroup {
                heading: self.workspace.name.clone(),
                links: vec![
                    link(Section::Keys, urls::keys_in(root), "API keys", "key"),
                    link(Section::Logs, urls::logs_in(root), "Logs", "logs"),
                    link(Section::Usage, urls::usage_in(root), "Usage", "usage"),
                ],
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
        if self.account.may(Right::OverseeSupport) {
            let section = Section::SupportAccess;
            let href = urls::SUPPORT_ACCESS;
            links.push(link(section, href, "Support access", "eye"));
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
            heading: String::new(),
            links: vec![overview, link(Section::Members, "Members", "people", "")],
        }];
        if self.workspace.developers {
            let links = vec![
                link(Section::Keys, "API keys", "key", "g k"),
                link(Section::Logs, "Logs", "logs", "g l"),
                link(Section::Usage, "Usage", "usage", ""),
            ];
            groups.push(NavGroup {
                heading: "Developers".to_owned(),
                links,
            });
        }
        if self.workspace.may_set {
            groups.push(NavGroup {
                heading: "Settings".to_owned(),
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
