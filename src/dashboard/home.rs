//! `/`: to where the person works.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use askama::Template;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::page::PlainContext;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::domain::role::StaffRole;

/// For people who may open no workspace: members whom nobody has let in yet.
#[derive(Template)]
#[template(path = "home.html")]
struct NoWorkspacePage {
    page: PlainContext,
    email: String,
    /// Empty for staff.
    account: String,
}

pub async fn get(
    person: SignedIn,
    console: Console,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    let membership = person.viewer.membership.as_ref();
    if let Some(workspace) = membership.and_then(|membership| membership.workspaces.first()) {
        return Ok(see_other(&urls::workspace(&workspace.slug)));
    }
    let staff = person.viewer.staff;
    if matches!(staff, Some(StaffRole::Support | StaffRole::SupportLead)) {
        return Ok(see_other(urls::SUPPORT));
    }
    if let Some(staff) = staff
        && let Some(page) = OperatorPage::of(staff).next()
    {
        return Ok(see_other(page.url()));
    }
    let csrf = person.browser().csrf()?.unwrap_or_default();
    let page = NoWorkspacePage {
        page: console.looks.plain(&request, csrf),
        email: person.viewer.email.clone(),
        account: membership.map_or_else(String::new, |account| account.account_name.clone()),
    };
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}
