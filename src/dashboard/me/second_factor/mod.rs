//! `/me/security/second-factor`: setting up an authenticator app, new recovery codes, taking it
//! away.

mod qr;
mod setting_up;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::http::header;
use askama::Template;
use secrecy::ExposeSecret;
use secrecy::SecretString;

pub use crate::dashboard::me::second_factor::setting_up::add;

use crate::crypto::digest::Digest;
use crate::crypto::second_factor;
use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Unkept;
use crate::dashboard::html::see_other;
use crate::dashboard::me::second_factor::setting_up::SetUpPage;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::session::code;
use crate::dashboard::session::confirm;
use crate::dashboard::session::credentials::Refusal;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::second_factors;
use crate::db::second_factors::SecondFactor;
use crate::db::sessions;
use crate::domain::person::UserId;
use crate::mail::Letter;

const WRONG: &str = "This code is wrong, or it was used before. Wait for the next one.";

/// There is one.
#[derive(Template)]
#[template(path = "me/second_factor.html")]
struct SecondFactorPage {
    page: PageContext,
    since: Moment,
    codes_left: i64,
    errors: FormErrors,
}

/// The one answer that shows recovery codes.
#[derive(Template)]
#[template(path = "me/recovery_codes.html")]
struct RecoveryCodesPage {
    page: PageContext,
    /// What was done just now.
    done: &'static str,
    codes: Vec<SecretString>,
}

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    if let Some(factor) = find(&console, person.viewer.id).await? {
        let page = existing(&console, &person, &factor, FormErrors::default())?;
        return Ok(Unkept(StatusCode::OK, page).respond_to(&request));
    }
    person.require_recent(&request)?;
    let page = SetUpPage::fresh(&console, &person)?;
    Ok(Unkept(StatusCode::OK, page).respond_to(&request))
}

pub async fn new_codes(
    person: SignedIn,
    form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    if let Some(answer) = refused(&console, &person, &form, &request).await? {
        return Ok(answer);
    }
    let (codes, digests) = make_codes(&console, person.viewer.id)?;
    let (actor, now) = (person.actor(), console.parts.clock.now());
    let user = person.viewer.id;
    let db = &console.parts.db;
    db.run(move |conn| second_factors::replace_codes(conn, &actor, now, user, &digests))
        .await?;
    reveal(
        &person,
        &request,
        (codes, "The old recovery codes work no more."),
    )
}

pub async fn remove(
    person: SignedIn,
    form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    if let Some(answer) = refused(&console, &person, &form, &request).await? {
        return Ok(answer);
    }
    let (actor, now) = (person.actor(), console.parts.clock.now());
    let (user, session) = (person.viewer.id, person.session);
    let db = &console.parts.db;
    db.run(move |conn| {
        second_factors::remove(conn, &actor, now, user)?;
        sessions::end_others(conn, &actor, now, (user, &session))
    })
    .await?;
    confirm::renew(&console, &person).await?;
    tell(
        &console,
        &person,
        "Your second factor for Latchkey was removed",
    );
    person.flash(&Flash::success(
        "The second factor is removed. Every other session of yours has ended.",
    ))?;
    Ok(see_other(urls::SECURITY))
}

/// The page again, unless the form's code is right. Whoever has no second factor needs no code: they
/// are sent to set one up.
async fn refused(
    console: &Console,
    person: &SignedIn,
    form: &Posted,
    request: &HttpRequest,
) -> Result<Option<HttpResponse>, PageError> {
    let Some(factor) = find(console, person.viewer.id).await? else {
        return Ok(Some(see_other(urls::SECOND_FACTOR)));
    };
    let mut errors = FormErrors::default();
    let refusal = match form.parse_with("code", &mut errors, code::entered) {
        None => Refusal::Unfit,
        Some(entered) => {
            let by = (&person.actor(), person.ip());
            match code::check(console, by, person.viewer.id, entered).await? {
                Ok(_) => return Ok(None),
                Err(refusal) => refusal,
            }
        }
    };
    refusal.say(&mut errors, ("code", WRONG));
    let page = existing(console, person, &factor, errors)?;
    let mut answer = Unkept(refusal.status(), page).respond_to(request);
    if let Some(seconds) = refusal.retry_after() {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(Some(answer))
}

async fn find(console: &Console, user: UserId) -> Result<Option<SecondFactor>, PageError> {
    let db = &console.parts.db;
    Ok(db.run(move |conn| second_factors::find(conn, user)).await?)
}

fn existing(
    console: &Console,
    person: &SignedIn,
    factor: &SecondFactor,
    errors: FormErrors,
) -> Result<SecondFactorPage, PageError> {
    Ok(SecondFactorPage {
        page: person.page_outside(Section::Elsewhere)?,
        since: Moment::new(factor.created_at, console.parts.clock.now()),
        codes_left: factor.codes_left,
        errors,
    })
}

fn make_codes(
    console: &Console,
    user: UserId,
) -> Result<(Vec<SecretString>, Vec<Digest>), PageError> {
    let codes = second_factor::recovery_codes(&*console.random).map_err(PageError::internal)?;
    let digest = |code: &SecretString| {
        second_factor::recovery_digest(&console.parts.pepper, user, code.expose_secret())
    };
    let digests = codes.iter().map(digest).collect();
    Ok((codes, digests))
}

fn reveal(
    person: &SignedIn,
    request: &HttpRequest,
    (codes, done): (Vec<SecretString>, &'static str),
) -> Result<HttpResponse, PageError> {
    let page = RecoveryCodesPage {
        page: person.page_outside(Section::Elsewhere)?,
        done,
        codes,
    };
    Ok(Unkept(StatusCode::OK, page).respond_to(request))
}

fn tell(console: &Console, person: &SignedIn, subject: &'static str) {
    let Ok(to) = person.viewer.email.parse() else {
        return;
    };
    let letter = Letter::new(to, subject)
        .greets(&person.viewer.name)
        .says(format!("{subject}, and every other session of yours has ended."))
        .says("If this was not you, set a new password from the sign-in page and tell an admin of your company.");
    // What could not be taken is in the log; the change holds all the same.
    let _ = console.parts.mailer.send(letter);
}
