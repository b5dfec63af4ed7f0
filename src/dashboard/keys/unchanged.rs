//! Somebody was faster, or the page was open for too long: the state now, and nothing done.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::keys;
use crate::dashboard::keys::asked::Asked;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::domain::api_key::ApiKey;
use crate::domain::key_state::KeyState;

#[derive(Template)]
#[template(path = "keys/unchanged.html")]
struct UnchangedPage {
    page: PageContext,
    /// "Blog ingest is already revoked"
    title: String,
    /// "Revoked", before a time.
    what: &'static str,
    at: Option<Moment>,
    /// Who did it; empty where nobody did.
    by: String,
    /// What can be done instead; may be empty.
    advice: &'static str,
    key_url: String,
    list_url: String,
}

/// 409: the key is revoked.
pub fn already_revoked(
    place: &InWorkspace,
    request: &HttpRequest,
    asked: &Asked,
) -> Result<HttpResponse, PageError> {
    revoked(place, request, (&asked.key, asked.now))
}

/// As `already_revoked`, for a page that asks nothing about the key's use.
pub fn revoked(
    place: &InWorkspace,
    request: &HttpRequest,
    (key, now): (&ApiKey, DateTime<Utc>),
) -> Result<HttpResponse, PageError> {
    let (at, by) = (key.times.revoked_at, key.revoked_by.clone());
    let state = ("is already revoked", "Revoked", at, by.unwrap_or_default());
    page(place, request, (key, now), state)
}

/// 409: the key is disabled.
pub fn already_disabled(
    place: &InWorkspace,
    request: &HttpRequest,
    asked: &Asked,
) -> Result<HttpResponse, PageError> {
    let at = asked.key.times.disabled_at;
    let state = ("is already disabled", "Disabled", at, String::new());
    page(place, request, (&asked.key, asked.now), state)
}

/// 409: the key works, so there is nothing to enable.
pub fn already_enabled(
    place: &InWorkspace,
    request: &HttpRequest,
    asked: &Asked,
) -> Result<HttpResponse, PageError> {
    let state = ("is already enabled", "", None, String::new());
    page(place, request, (&asked.key, asked.now), state)
}

/// 409: the key has the latest version of its preset, or none that there are versions of.
pub fn already_latest(
    place: &InWorkspace,
    request: &HttpRequest,
    key: (&ApiKey, DateTime<Utc>),
) -> Result<HttpResponse, PageError> {
    let state = ("has nothing to update", "", None, String::new());
    page(place, request, key, state)
}

/// 409: the key is over or off, so that a new secret would not work, or was changed meanwhile.
pub fn not_rotated(
    place: &InWorkspace,
    request: &HttpRequest,
    asked: &Asked,
) -> Result<HttpResponse, PageError> {
    let times = &asked.key.times;
    let (is, what, at, advice) = match times.state(asked.now) {
        KeyState::Revoked => return already_revoked(place, request, asked),
        KeyState::Expired => (
            "has expired",
            "Expired",
            times.expires_at,
            "An expired key gets no new secret. Create a similar key in its place.",
        ),
        KeyState::Disabled => (
            "is disabled",
            "Disabled",
            times.disabled_at,
            "A new secret would not work either. Enable the key first, then rotate it.",
        ),
        KeyState::Rotating | KeyState::Active => (
            "was changed meanwhile",
            "",
            None,
            "Look at the key as it is now, then rotate it if it still has to be.",
        ),
    };
    let answer = (is, what, at, String::new());
    advise(place, request, (&asked.key, asked.now), (answer, advice))
}

/// 409: the old secret has ended already.
pub fn no_overlap(
    place: &InWorkspace,
    request: &HttpRequest,
    asked: &Asked,
) -> Result<HttpResponse, PageError> {
    let state = ("has one secret only", "", None, String::new());
    let advice = "The old secret has ended already.";
    advise(place, request, (&asked.key, asked.now), (state, advice))
}

/// 409: the old secret was given a day more before, or the key itself ends by then.
pub fn no_second_extension(
    place: &InWorkspace,
    request: &HttpRequest,
    asked: &Asked,
) -> Result<HttpResponse, PageError> {
    let state = ("was not extended", "", None, String::new());
    let advice = "An old secret is extended once, and never past the end of its key.";
    advise(place, request, (&asked.key, asked.now), (state, advice))
}

type State = (&'static str, &'static str, Option<DateTime<Utc>>, String);

fn page(
    place: &InWorkspace,
    request: &HttpRequest,
    key: (&ApiKey, DateTime<Utc>),
    state: State,
) -> Result<HttpResponse, PageError> {
    advise(place, request, key, (state, ""))
}

fn advise(
    place: &InWorkspace,
    request: &HttpRequest,
    (key, now): (&ApiKey, DateTime<Utc>),
    ((is, what, at, by), advice): (State, &'static str),
) -> Result<HttpResponse, PageError> {
    let page = UnchangedPage {
        page: place.page(Section::Keys)?,
        title: format!("{} {is}", key.name),
        what,
        at: at.map(|at| Moment::new(at, now)),
        by,
        advice,
        key_url: keys::url(&place.workspace.slug, key.id),
        list_url: urls::keys(&place.workspace.slug),
    };
    Ok(Html(StatusCode::CONFLICT, page).respond_to(request))
}
