//! `/me/display`: how pages look in this browser. It is kept in cookies, so that the server writes
//! each page as it is to be seen and nothing flashes.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::cookie::time::Duration;
use actix_web::http::StatusCode;
use askama::Template;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::looks;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;

const KEPT_FOR: Duration = Duration::days(365);

/// A field, its cookie, and what may be chosen: the first is what holds without a cookie.
const CHOICES: [(&str, &str, &[&str]); 3] = [
    ("theme", looks::THEME_COOKIE, &["auto", "light", "dark"]),
    (
        "density",
        looks::DENSITY_COOKIE,
        &["comfortable", "compact"],
    ),
    ("shortcuts", looks::SHORTCUTS_COOKIE, &["on", "off"]),
];

#[derive(Template)]
#[template(path = "me/display.html")]
struct DisplayPage {
    page: PageContext,
    theme: String,
    density: String,
    shortcuts: String,
    errors: FormErrors,
}

pub async fn get(person: SignedIn, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let page = person.page_outside(Section::Elsewhere)?;
    let page = DisplayPage {
        theme: page.theme.to_owned(),
        density: page.density.to_owned(),
        shortcuts: page.shortcuts.to_owned(),
        errors: FormErrors::default(),
        page,
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
    let mut answer = see_other(urls::DISPLAY);
    for (field, cookie, choices) in CHOICES {
        let Some(chosen) = choices.iter().find(|choice| **choice == form.get(field)) else {
            errors.add(field, "Choose one of them.");
            continue;
        };
        let mut cookie = console.site.cookie(cookie, (*chosen).to_owned());
        if choices.first() == Some(chosen) {
            cookie.make_removal();
        } else {
            cookie.set_max_age(KEPT_FOR);
        }
        // A word of ours always fits a header.
        let _ = answer.add_cookie(&cookie);
    }
    if errors.is_empty() {
        person.flash(&Flash::success("Saved for this browser."))?;
        return Ok(answer);
    }
    let page = DisplayPage {
        page: person.page_outside(Section::Elsewhere)?,
        theme: form.get("theme").to_owned(),
        density: form.get("density").to_owned(),
        shortcuts: form.get("shortcuts").to_owned(),
        errors,
    };
    Ok(Html(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(&request))
}
