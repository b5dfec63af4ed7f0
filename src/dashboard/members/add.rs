//! `/w/{w}/members/add?email=`: the way to somebody of the account who is not in the workspace yet.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;

use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Fields;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::members;
use crate::domain::person::Email;

#[derive(Template)]
#[template(path = "members/add.html")]
struct AddPage {
    page: PageContext,
    errors: FormErrors,
    email: String,
    back_url: String,
    may_invite: bool,
}

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    db: ThinData<Db>,
) -> Result<HttpResponse, PageError> {
    let query = Fields::of_query(&request)?;
    let (slug, membership) = (&place.workspace.slug, place.person.membership()?);
    let mut errors = FormErrors::default();
    let asked = query.all("email").next().is_some();
    if asked && let Some(email) = query.parse_as::<Email>("email", &mut errors) {
        let account = place.account;
        let found = db
            .run(move |conn| members::find_by_email(conn, account, &email))
            .await?;
        if let Some(id) = found {
            return Ok(see_other(&urls::member(slug, id)));
        }
        let name = &membership.account_name;
        errors.add("email", format!("Nobody of {name} has this address."));
    }
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = AddPage {
        page: place.page(Section::Members)?,
        errors,
        email: query.get("email").to_owned(),
        back_url: urls::members(slug),
        may_invite: membership.may_manage_members(),
    };
    Ok(Html(status, page).respond_to(&request))
}
