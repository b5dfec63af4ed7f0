//! Whose log is read, and where it is.

use crate::dashboard::error::PageError;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::audit_log::search::AuditOf;

pub struct Scope {
    pub of: AuditOf,
    /// The list's address.
    pub path: String,
    /// For the name of a file.
    pub name: String,
    pub whose: String,
}

impl Scope {
    pub fn of_workspace(place: &InWorkspace) -> Self {
        Self {
            of: AuditOf::Workspace(place.account, place.workspace.id),
            path: urls::audit(&place.workspace.slug),
            name: place.workspace.slug.clone(),
            whose: place.workspace.name.clone(),
        }
    }

    pub fn of_account(person: &SignedIn) -> Result<Self, PageError> {
        let membership = person.membership()?;
        Ok(Self {
            of: AuditOf::Account(membership.account),
            path: urls::ACCOUNT_AUDIT.to_owned(),
            name: "all".to_owned(),
            whose: membership.account_name.clone(),
        })
    }

    /// `everything`: what accounts did as well.
    pub fn of_operator(everything: bool) -> Self {
        let of = if everything {
            AuditOf::Everything
        } else {
            AuditOf::Operator
        };
        Self {
            of,
            path: urls::OPERATOR_AUDIT.to_owned(),
            name: "installation".to_owned(),
            whose: "the installation".to_owned(),
        }
    }

    /// Whether rows can be of several workspaces.
    pub fn has_places(&self) -> bool {
        !matches!(self.of, AuditOf::Workspace(..))
    }

    pub fn is_operator(&self) -> bool {
        matches!(self.of, AuditOf::Everything | AuditOf::Operator)
    }
}

pub fn workspace_page(place: &InWorkspace) -> Result<PageContext, PageError> {
    place.page(Section::Audit)
}

pub fn account_page(person: &SignedIn) -> Result<PageContext, PageError> {
    person.page_outside(Section::AccountAudit)
}

pub fn operator_page(area: &OperatorArea) -> Result<PageContext, PageError> {
    area.page(OperatorPage::Audit)
}
