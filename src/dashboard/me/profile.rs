//! `/me/profile`: what a person is called.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use askama::Template;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::users;
use crate::domain::person::PERSON_NAME_LENGTH_MAX;
use crate::domain::text;

#[derive(Template)]
#[template(path = "me/profile.html")]
struct ProfilePage {
    page: PageContext,
    name: String,
    errors: FormErrors,
}

pub async fn get(person: SignedIn, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let page = ProfilePage {
        page: person.page_outside(Section::Elsewhere)?,
        name: person.viewer.name.clone(),
        errors: FormErrors::default(),
    };
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

pub async fn post(
    person: SignedIn,
    form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let mut errors = FormErrors::default();
    let name = form.parse_with("name", &mut errors, |input| {
        text::line(input, PERSON_NAME_LENGTH_MAX)
    });
    let Some(name) = name else {
        let page = ProfilePage {
            page: person.page_outside(Section::Elsewhere)?,
            name: form.get("name").to_owned(),
            errors,
        };
        return Ok(Html(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(&request));
    };
    let (actor, now) = (person.actor(), console.parts.clock.now());
    let user = person.viewer.id;
    let db = &console.parts.db;
    let renamed = db
        .run(move |conn| users::rename(conn, &actor, now, user, &name))
        .await?;
    person.flash(&if renamed {
        Flash::success("Your name is saved.")
    } else {
        Flash::info("Nothing was different. Your name is as it was.")
    })?;
    Ok(see_other(urls::PROFILE))
}
