//! `/confirm-identity?next=`: a signed-in person proves again who they are. The session goes on
//! under a new id.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::http::header;
use askama::Template;

use crate::crypto::token;
use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Unkept;
use crate::dashboard::html::see_other;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Fields;
use crate::dashboard::posted::Posted;
use crate::dashboard::session::code;
use crate::dashboard::session::credentials;
use crate::dashboard::session::credentials::Refusal;
use crate::dashboard::session::providers;
use crate::dashboard::session::providers::Button;
use crate::dashboard::session::second_factor;
use crate::dashboard::signed_in::SignedIn;
use crate::db::second_factors;
use crate::db::sessions;
use crate::db::users;

#[derive(Template)]
#[template(path = "session/confirm.html")]
struct ConfirmPage {
    page: PageContext,
    next: String,
    /// Who has a second factor proves it with that.
    by_code: bool,
    by_password: bool,
    /// At whom they can prove it, beside a password or instead of one.
    buttons: Vec<Button>,
    /// A form waits to be sent again.
    keeps_form: bool,
    errors: FormErrors,
}

const WRONG: &str = "This is not your password.";

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let next = Fields::of_query(&request)?.get("next").to_owned();
    let said = (next, FormErrors::default());
    show(&person, &request, (&console, StatusCode::OK), said).await
}

/// By each way that the person has: a code for who has set one up, else a password, a provider.
async fn show(
    person: &SignedIn,
    request: &HttpRequest,
    (console, status): (&Console, StatusCode),
    (next, errors): (String, FormErrors),
) -> Result<HttpResponse, PageError> {
    let by_code = has_factor(console, person).await?;
    let (mut buttons, mut by_password) = (Vec::new(), false);
    if !by_code {
        buttons = providers::confirm::buttons(console, person).await?;
        let user = person.viewer.id;
        let db = &console.parts.db;
        let hash = db
            .run(move |conn| users::password_hash_of(conn, user))
            .await?;
        by_password = hash.is_some() || buttons.is_empty();
    }
    let page = ConfirmPage {
        page: person.page_outside(Section::Elsewhere)?,
        next,
        by_code,
        by_password,
        buttons,
        keeps_form: person.browser().keeps_form(),
        errors,
    };
    let mut answer = Unkept(status, page).respond_to(request);
    providers::let_forms_lead_on(console, &mut answer);
    Ok(answer)
}

pub async fn post(
    person: SignedIn,
    form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let mut errors = FormErrors::default();
    let by_code = has_factor(&console, &person).await?;
    let judged = if by_code {
        judge_code(&console, &person, &form, &mut errors).await?
    } else {
        judge_password(&console, &person, &form, &mut errors).await?
    };
    let Err(refusal) = judged else {
        renew(&console, &person).await?;
        let next = console.site.safe_next(form.get("next"));
        return Ok(see_other(next.as_deref().unwrap_or("/")));
    };
    refusal.say(
        &mut errors,
        if by_code {
            ("code", second_factor::WRONG)
        } else {
            ("password", WRONG)
        },
    );
    let said = (form.get("next").to_owned(), errors);
    let mut answer = show(&person, &request, (&console, refusal.status()), said).await?;
    if let Some(seconds) = refusal.retry_after() {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(answer)
}

pub(super) async fn has_factor(console: &Console, person: &SignedIn) -> Result<bool, PageError> {
    let user = person.viewer.id;
    let db = &console.parts.db;
    let factor = db.run(move |conn| second_factors::find(conn, user)).await?;
    Ok(factor.is_some())
}

async fn judge_password(
    console: &Console,
    person: &SignedIn,
    form: &Posted,
    errors: &mut FormErrors,
) -> Result<Result<(), Refusal>, PageError> {
    match form.parse_with("password", errors, credentials::entered) {
        None => Ok(Err(Refusal::Unfit)),
        Some(password) => credentials::check_own(console, person, password).await,
    }
}

async fn judge_code(
    console: &Console,
    person: &SignedIn,
    form: &Posted,
    errors: &mut FormErrors,
) -> Result<Result<(), Refusal>, PageError> {
    let Some(entered) = form.parse_with("code", errors, code::entered) else {
        return Ok(Err(Refusal::Unfit));
    };
    let by = (&person.actor(), person.ip());
    let judged = code::check(console, by, person.viewer.id, entered).await?;
    Ok(judged.map(|_| ()))
}

/// The session under a new id, and confirmed as of now.
pub async fn renew(console: &Console, person: &SignedIn) -> Result<(), PageError> {
    let key = token::generate(&*console.random).map_err(PageError::internal)?;
    let (actor, now) = (person.actor(), console.parts.clock.now());
    let (old, new) = (person.session, token::digest_of(&key));
    let db = &console.parts.db;
    let goes_on = db
        .run(move |conn| sessions::renew(conn, &actor, now, (&old, &new)))
        .await?;
    // Ended by another hand since this request began: then nothing keeps it alive.
    if !goes_on {
        return Err(PageError::NotFound);
    }
    person.browser().renew(&key)
}
