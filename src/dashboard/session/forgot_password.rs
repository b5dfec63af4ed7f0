//! `/forgot-password`: a link to a new password, sent to the mailbox of whoever has the address.
//!
//! The answer is the same for everybody and does not wait for the work, so that neither its words
//! nor its time tell whether the address is known here.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;
use secrecy::ExposeSecret;
use tokio::sync::Semaphore;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::page::PlainContext;
use crate::dashboard::posted::Fields;
use crate::dashboard::posted::VisitorPosted;
use crate::dashboard::session::credentials;
use crate::dashboard::session::credentials::Refusal;
use crate::dashboard::urls;
use crate::dashboard::visitor::Visitor;
use crate::db::DbError;
use crate::db::one_time_links;
use crate::db::one_time_links::Purpose;
use crate::db::sign_in_failures;
use crate::db::sign_in_failures::Attempt;
use crate::db::users;
use crate::domain::account;
use crate::domain::actor::Actor;
use crate::domain::person::Email;
use crate::mail::Letter;

/// Letters that are made beside their answers at one time.
const AT_ONCE_MAX: usize = 16;
static AT_ONCE: Semaphore = Semaphore::const_new(AT_ONCE_MAX);
const BUSY_SECONDS: i64 = 5;

#[derive(Template)]
#[template(path = "session/forgot_password.html")]
struct ForgotPasswordPage {
    page: PlainContext,
    /// Where the person came from; may be empty.
    domain: String,
    email: String,
    /// The form was taken.
    asked: bool,
    /// Whether letters go out at all.
    sends: bool,
    errors: FormErrors,
}

pub async fn get(
    visitor: Visitor,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let query = Fields::of_query(&request)?;
    let page = ForgotPasswordPage {
        page: visitor.page.clone(),
        domain: domain_of(query.get("domain")),
        email: String::new(),
        asked: false,
        sends: console.parts.mailer.sends(),
        errors: FormErrors::default(),
    };
    Ok(visitor.show(&request, page))
}

pub async fn post(
    visitor: Visitor,
    form: VisitorPosted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let mut errors = FormErrors::default();
    let refusal = match form.parse_as::<Email>("email", &mut errors) {
        None => Some(Refusal::Unfit),
        Some(email) => ask(&console, &visitor, email).await?.err(),
    };
    if let Some(refusal) = refusal {
        refusal.say(&mut errors, ("", ""));
    }
    let page = ForgotPasswordPage {
        page: visitor.page.clone(),
        domain: domain_of(form.get("domain")),
        email: form.get("email").trim().to_owned(),
        asked: refusal.is_none(),
        sends: console.parts.mailer.sends(),
        errors,
    };
    let status = refusal.map_or(StatusCode::OK, Refusal::status);
    let mut answer = visitor.show_with(&request, status, page);
    if let Some(seconds) = refusal.and_then(Refusal::retry_after) {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(answer)
}

fn domain_of(input: &str) -> String {
    account::parse_label(input).unwrap_or_default()
}

/// Counted first, known or not; then the letter is made beside the answer.
async fn ask(
    console: &Console,
    visitor: &Visitor,
    email: Email,
) -> Result<Result<(), Refusal>, PageError> {
    // Counts of its own: whoever asks for letters keeps nobody from signing in.
    let attempt = Attempt {
        email: format!("reset:{}", email.folded()),
        address: format!("reset:{}", credentials::network_of(visitor.ip)),
    };
    let now = console.parts.clock.now();
    let db = &console.parts.db;
    let begun = db
        .run(move |conn| sign_in_failures::begin(conn, now, &attempt))
        .await?;
    if let Err(wait) = begun {
        return Ok(Err(Refusal::Wait(wait.num_seconds() + 1)));
    }
    let Ok(turn) = AT_ONCE.try_acquire() else {
        return Ok(Err(Refusal::Wait(BUSY_SECONDS)));
    };
    let (console, actor) = (console.clone(), visitor.unknown_actor("password reset"));
    actix_web::rt::spawn(async move {
        let _turn = turn;
        if let Err(error) = write_letter(&console, actor, now, email).await {
            tracing::error!(%error, "a letter for a new password could not be made");
        }
    });
    Ok(Ok(()))
}

async fn write_letter(
    console: &Console,
    actor: Actor,
    now: DateTime<Utc>,
    email: Email,
) -> Result<(), DbError> {
    let random = console.random.clone();
    let address = email.clone();
    let made = console
        .parts
        .db
        .run(move |conn| {
            let Some(person) = users::find_candidate(conn, &address)? else {
                return Ok(None);
            };
            let purpose = Purpose::ResetPassword(person.id);
            let token = one_time_links::create(conn, &actor, now, &*random, purpose)?;
            Ok(Some((person, token)))
        })
        .await?;
    let Some((person, token)) = made else {
        return Ok(());
    };
    let link = console
        .site
        .link(&urls::set_password(token.expose_secret()));
    // To the address as we know it, not as it was typed.
    let to = person.email.parse().unwrap_or(email);
    let letter = Letter::new(to, "Set a new password for Latchkey")
        .greets(person.name)
        .says(
            "Somebody, most likely you, asked to set a new password for your sign-in to Latchkey.",
        )
        .links("Set a new password", link)
        .says("The link works once, for 30 minutes. A new password signs you out everywhere.")
        .says("If you did not ask for this, there is nothing to do: your password stays as it is.");
    // A full queue is in the log, and the page must say the same in any case.
    let _ = console.parts.mailer.send(letter);
    Ok(())
}
