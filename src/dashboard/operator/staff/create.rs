//! `/operator/staff/new`: giving somebody a role at the operator.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use askama::Template;
use diesel::Connection;
use secrecy::SecretString;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::operator::staff;
use crate::dashboard::operator::welcome;
use crate::dashboard::operator::welcome::Welcomed;
use crate::dashboard::page::PageContext;
use crate::dashboard::posted::Fields;
use crate::dashboard::posted::Posted;
use crate::db::DbError;
use crate::db::one_time_links;
use crate::db::one_time_links::Purpose;
use crate::db::staff_grants;
use crate::db::users;
use crate::db::users::NewPerson;
use crate::domain::person::Email;
use crate::domain::person::PERSON_NAME_LENGTH_MAX;
use crate::domain::role::StaffRole;
use crate::domain::text;

#[derive(Template)]
#[template(path = "operator/staff_new.html")]
struct NewStaffPage {
    page: PageContext,
    errors: FormErrors,
    name: String,
    email: String,
    role: String,
    sends: bool,
}

pub async fn get(
    area: OperatorArea,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    area.person.require_recent(&request)?;
    let fields = area.person.kept_form(&request)?.unwrap_or_default();
    let form = (&fields, FormErrors::default());
    show(&area, &request, (&console, StatusCode::OK), form)
}

pub async fn post(
    area: OperatorArea,
    form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    area.person.require_recent_to_send(&request, &form)?;
    let mut errors = FormErrors::default();
    let again = (&console, StatusCode::UNPROCESSABLE_ENTITY);
    let Some((new, role)) = parse(&form, &mut errors) else {
        return show(&area, &request, again, (&form, errors));
    };
    let (email, name) = (new.email.clone(), new.name.clone());
    match make(&area, &console, (new, role)).await {
        Ok(token) => {
            let what = match role {
                StaffRole::Operator => "an operator",
                StaffRole::SupportLead => "a lead of the support staff",
                StaffRole::Support => "support staff",
            };
            let new = Welcomed {
                name,
                token,
                by: format!("made you {what} of Latchkey"),
                done: format!("{email} has the role {}", staff::in_words(role)),
                email,
                page: OperatorPage::Staff,
                url: OperatorPage::Staff.url().to_owned(),
            };
            welcome::tell(&area, &request, &console, new)
        }
        Err(error) if error.is_conflict_on(staff_grants::STAFF_ALREADY) => {
            let said = format!("{email} has a role already. Remove that first to give another.");
            errors.add("email", said);
            show(&area, &request, again, (&form, errors))
        }
        Err(error) => Err(error.into()),
    }
}

/// The token of a link for somebody who is new.
async fn make(
    area: &OperatorArea,
    console: &Console,
    (new, role): (NewPerson, StaffRole),
) -> Result<Option<SecretString>, DbError> {
    let (actor, now) = (area.actor(), console.parts.clock.now());
    let random = console.random.clone();
    let db = &console.parts.db;
    db.run(move |conn| {
        conn.transaction(|conn| {
            let found = users::find_or_create(conn, &actor, now, &*random, &new)?;
            let whom = (found.id, new.email.as_str());
            staff_grants::add(conn, &actor, now, whom, role)?;
            if !found.is_new {
                return Ok(None);
            }
            let purpose = Purpose::SetPassword(found.id);
            one_time_links::create(conn, &actor, now, &*random, purpose).map(Some)
        })
    })
    .await
}

fn parse(form: &Fields, errors: &mut FormErrors) -> Option<(NewPerson, StaffRole)> {
    let name = form.parse_with("name", errors, |input| {
        text::line(input, PERSON_NAME_LENGTH_MAX)
    });
    let email: Option<Email> = form.parse_as("email", errors);
    let role: Option<StaffRole> = form.get("role").parse().ok();
    if role.is_none() {
        errors.add("role", "Choose a role.");
    }
    let new = NewPerson {
        email: email?,
        name: name?,
        password_hash: None,
    };
    Some((new, role?))
}

fn show(
    area: &OperatorArea,
    request: &HttpRequest,
    (console, status): (&Console, StatusCode),
    (form, errors): (&Fields, FormErrors),
) -> Result<HttpResponse, PageError> {
    let page = NewStaffPage {
        page: area.page(OperatorPage::Staff)?,
        errors,
        name: form.get("name").to_owned(),
        email: form.get("email").to_owned(),
        role: form.get("role").to_owned(),
        sends: console.parts.mailer.sends(),
    };
    Ok(Html(status, page).respond_to(request))
}
