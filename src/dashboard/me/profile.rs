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
use crate::dashboard::posted::Fields;
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
    /// They came by a provider just now, and are asked what they are called.
    joined: bool,
    errors: FormErrors,
}

impl ProfilePage {
    fn new(person: &SignedIn, joined: bool) -> Result<Self, PageError> {
        let viewer = &person.viewer;
        // Whose provider told no name has their address for one.
        let is_unnamed = joined && viewer.name == viewer.email;
        Ok(Self {
            page: person.page_outside(Section::Elsewhere)?,
            name: if is_unnamed {
                String::new()
            } else {
                viewer.name.clone()
            },
            joined,
            errors: FormErrors::default(),
        })
    }
}

pub async fn get(person: SignedIn, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let joined = Fields::of_query(&request)?.get("joined") == "1";
    let page = ProfilePage::new(&person, joined)?;
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
    let joined = form.get("joined") == "1";
    let Some(name) = name else {
        let page = ProfilePage {
            name: form.get("name").to_owned(),
            errors,
            ..ProfilePage::new(&person, joined)?
        };
        return Ok(Html(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(&request));
    };
    let (actor, now) = (person.actor(), console.parts.clock.now());
    let user = person.viewer.id;
    let db = &console.parts.db;
    let renamed = db
        .run(move |conn| users::rename(conn, &actor, now, user, &name))
        .await?;
    if joined {
        person.flash(&Flash::success(
            "Your name is saved. You can change it in your profile.",
        ))?;
        return Ok(see_other("/"));
    }
    person.flash(&if renamed {
        Flash::success("Your name is saved.")
    } else {
        Flash::info("Nothing was different. Your name is as it was.")
    })?;
    Ok(see_other(urls::PROFILE))
}
