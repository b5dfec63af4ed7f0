//! A person in one workspace.

use std::future::Ready;
use std::future::ready;

use actix_web::FromRequest;
use actix_web::HttpRequest;
use actix_web::dev::Payload;

use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::signed_in::signed_in;
use crate::dashboard::urls;
use crate::domain::account::AccountId;
use crate::domain::actor::Actor;
use crate::domain::viewer::WorkspaceAccess;

/// A signed-in person in one workspace that they may open: the one that `{w}` of the address names.
/// Somebody else's workspace is as unknown as one that does not exist.
pub struct InWorkspace {
    pub person: SignedIn,
    pub account: AccountId,
    pub workspace: WorkspaceAccess,
}

impl InWorkspace {
    pub fn actor(&self) -> Actor {
        self.person.actor()
    }

    pub fn page(&self, section: Section) -> Result<PageContext, PageError> {
        let mut page = self.person.page(section, &self.workspace)?;
        if self.person.visit.is_some() {
            // Its own pages are closed to whoever looks into the account from outside.
            page.workspace.slug.clear();
        }
        Ok(page)
    }

    /// Below which the pages of the workspace are, for this person.
    pub fn root(&self) -> String {
        let slug = &self.workspace.slug;
        let visit = self.person.visit.as_ref();
        visit.map_or_else(|| urls::root(slug), |visit| visit.workspace_root(slug))
    }

    pub fn flash(&self, flash: &Flash) -> Result<(), PageError> {
        self.person.flash(flash)
    }

    /// As `SignedIn::require_recent`.
    pub fn require_recent(&self, request: &HttpRequest) -> Result<(), PageError> {
        self.person.require_recent(request)
    }
}

impl FromRequest for InWorkspace {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(in_workspace(request))
    }
}

pub(in crate::dashboard) fn in_workspace(request: &HttpRequest) -> Result<InWorkspace, PageError> {
    let person = signed_in(request)?;
    if let Some(visit) = person.visit.clone() {
        let workspace = visit.workspace.clone().ok_or(PageError::NotFound)?;
        return Ok(InWorkspace {
            account: visit.account,
            workspace,
            person,
        });
    }
    let membership = person.membership()?;
    let workspace = membership
        .workspace(request.match_info().query("w"))
        .ok_or(PageError::NotFound)?
        .clone();
    Ok(InWorkspace {
        account: membership.account,
        workspace,
        person,
    })
}
