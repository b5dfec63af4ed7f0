//! Changing one's own password: it takes the current one, and every other session ends.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::header;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::me::security::SecurityPage;
use crate::dashboard::posted::Posted;
use crate::dashboard::session::confirm;
use crate::dashboard::session::credentials;
use crate::dashboard::session::credentials::Refusal;
use crate::dashboard::session::new_password;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::users;
use crate::mail::Letter;

const WRONG: &str = "This is not your current password.";

pub async fn post(
    person: SignedIn,
    form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let mut errors = FormErrors::default();
    let current = form.parse_with("current_password", &mut errors, credentials::entered);
    let wanted = new_password::parse(&form, &mut errors, &["email"]);
    let refusal = match current.zip(wanted) {
        None => Refusal::Unfit,
        Some((current, wanted)) => {
            match credentials::check_own(&console, &person, current).await? {
                Ok(()) => {
                    change(&console, &person, wanted).await?;
                    return Ok(see_other(urls::SECURITY));
                }
                Err(refusal) => refusal,
            }
        }
    };
    refusal.say(&mut errors, ("current_password", WRONG));
    let page = SecurityPage::read(&console, &person, errors).await?;
    let mut answer = Html(refusal.status(), page).respond_to(&request);
    if let Some(seconds) = refusal.retry_after() {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(answer)
}

async fn change(console: &Console, person: &SignedIn, wanted: String) -> Result<(), PageError> {
    let hash = new_password::hash(console, wanted).await?;
    let (actor, now) = (person.actor(), console.parts.clock.now());
    let (user, session) = (person.viewer.id, person.session);
    let db = &console.parts.db;
    db.run(move |conn| users::change_password(conn, &actor, now, (user, &session), &hash))
        .await?;
    confirm::renew(console, person).await?;
    if let Ok(to) = person.viewer.email.parse() {
        let letter = Letter::new(to, "Your password for Latchkey was changed")
            .greets(&person.viewer.name)
            .says("Your password was changed, and every other session of yours has ended.")
            .says("If this was not you, set a new password from the sign-in page and tell an admin of your company.");
        // What could not be taken is in the log; the password is changed all the same.
        let _ = console.parts.mailer.send(letter);
    }
    person.flash(&Flash::success(
        "Your password is changed. Every other session of yours has ended.",
    ))
}
