//! Several keys stopped at once: the facts of each, one question, each with its own result.

mod carry_out;
mod choice;
mod pages;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;

use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::keys::bulk::choice::Choice;
use crate::dashboard::keys::bulk::pages::AskPage;
use crate::dashboard::keys::bulk::pages::ResultPage;
use crate::dashboard::keys::revoke::REASONS;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::number;
use crate::dashboard::posted::Fields;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::InWorkspace;
use crate::db::Db;
use crate::domain::clock::SharedClock;

/// As many as the longest page of the list shows.
pub const BULK_MAX: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bulk {
    Disable,
    Revoke,
}

impl Bulk {
    /// From the address; the route lets nothing else in.
    fn of(request: &HttpRequest) -> Self {
        match request.match_info().query("action") {
            "disable" => Self::Disable,
            _ => Self::Revoke,
        }
    }

    fn slug(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Revoke => "revoke",
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Disable => "Disable",
            Self::Revoke => "Revoke",
        }
    }

    fn doing(self) -> &'static str {
        match self {
            Self::Disable => "Disabling",
            Self::Revoke => "Revoking",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Disable => "disabled",
            Self::Revoke => "revoked",
        }
    }
}

type Tools = (ThinData<Db>, ThinData<SharedClock>);

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let fields = Fields::of_query(&request)?;
    let bulk = Bulk::of(&request);
    let choice = Choice::read(&place, (&db, &settings), (&fields, bulk), clock.now()).await?;
    if choice.is_empty() {
        place.flash(&Flash::info(format!(
            "Tick the keys first, then choose {}.",
            bulk.verb()
        )))?;
        return Ok(see_other(&choice.back_url));
    }
    let page = AskPage::new(&place, &settings, choice)?;
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

pub async fn post(
    place: InWorkspace,
    form: Posted,
    request: HttpRequest,
    (db, clock): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let (bulk, now) = (Bulk::of(&request), clock.now());
    let choice = Choice::read(&place, (&db, &settings), (&form, bulk), now).await?;
    let errors = faults(bulk, &choice, &form);
    if !errors.is_empty() {
        let page = AskPage::new(&place, &settings, choice)?;
        let page = page.again(errors, form.get("reason"));
        return Ok(Html(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(&request));
    }
    let reason = Some(form.get("reason").to_owned()).filter(|reason| !reason.is_empty());
    let outcome = carry_out::carry_out(&place, &db, (choice, reason), now).await?;
    let page = ResultPage::new(&place, outcome, clock.now())?;
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

fn faults(bulk: Bulk, choice: &Choice, form: &Fields) -> FormErrors {
    let mut errors = FormErrors::default();
    if choice.is_empty() {
        errors.add("", "No key was chosen.");
    }
    if bulk == Bulk::Disable {
        return errors;
    }
    // Of those that were sent: one that has ended meanwhile was counted by who typed.
    let count = choice.asked.len();
    if form.get("confirm").trim() != count.to_string() {
        let keys = number::counted(i64::try_from(count).unwrap_or(i64::MAX), "key", "keys");
        errors.add(
            "confirm",
            format!("Enter {count}, the number of keys: {keys} would end for ever."),
        );
    }
    let reason = form.get("reason");
    if !reason.is_empty() && !REASONS.iter().any(|(slug, _)| *slug == reason) {
        errors.add("reason", "Choose one of the reasons, or none.");
    }
    errors
}
