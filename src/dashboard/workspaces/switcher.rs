//! `/workspaces`: the switcher as a page.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;

use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Fields;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::domain::role::WorkspaceRole;
use crate::domain::text;
use crate::domain::viewer::WorkspaceAccess;

#[derive(Template)]
#[template(path = "workspaces/switcher.html")]
struct WorkspacesPage {
    page: PageContext,
    q: String,
    rows: Vec<WorkspaceRow>,
}

struct WorkspaceRow {
    url: String,
    name: String,
    role: &'static str,
    developers: bool,
}

impl From<&WorkspaceAccess> for WorkspaceRow {
    fn from(workspace: &WorkspaceAccess) -> Self {
        Self {
            url: urls::workspace(&workspace.slug),
            name: workspace.name.clone(),
            role: match workspace.role {
                WorkspaceRole::Admin => "Admin",
                WorkspaceRole::Developer => "Developer",
                WorkspaceRole::Viewer => "Viewer",
            },
            developers: workspace.developers,
        }
    }
}

pub async fn get(person: SignedIn, request: HttpRequest) -> Result<Html<impl Template>, PageError> {
    let membership = person.membership()?;
    let q = Fields::of_query(&request)?.get("q").to_owned();
    let wanted = text::folded(&q);
    let rows = membership
        .workspaces
        .iter()
        .filter(|workspace| text::folded(&workspace.name).contains(&wanted))
        .map(WorkspaceRow::from)
        .collect();
    // The frame needs a workspace to lead back to; who may open none has no use for this page.
    let home = membership.workspaces.first().ok_or(PageError::NotFound)?;
    let page = person.page(Section::Elsewhere, home)?;
    Ok(Html(StatusCode::OK, WorkspacesPage { page, q, rows }))
}
