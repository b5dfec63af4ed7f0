//! How somebody who was given a place gets in: by a link to set a password, sent by letter or, where
//! no letters go out, shown once to whoever gave the place.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use askama::Template;
use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::html::Unkept;
use crate::dashboard::html::see_other;
use crate::dashboard::moment::Moment;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::page::PageContext;
use crate::dashboard::urls;
use crate::db::one_time_links;
use crate::domain::person::Email;
use crate::mail::Letter;

/// Somebody who was given a place.
pub struct Welcomed {
    pub email: Email,
    pub name: String,
    /// For a new person; others sign in as before.
    pub token: Option<SecretString>,
    /// What became of them, after who did it: "made the account Acme at Latchkey, which you own".
    pub by: String,
    /// What was done: "The account Acme is made".
    pub done: String,
    /// Where whoever did it goes on.
    pub page: OperatorPage,
    pub url: String,
}

#[derive(Template)]
#[template(path = "operator/link.html")]
struct LinkPage {
    page: PageContext,
    done: String,
    email: String,
    link: String,
    expires: Moment,
    url: String,
    back: OperatorPage,
}

pub fn tell(
    area: &OperatorArea,
    request: &HttpRequest,
    console: &Console,
    new: Welcomed,
) -> Result<HttpResponse, PageError> {
    let (email, done) = (new.email.as_str().to_owned(), &new.done);
    let Some(token) = &new.token else {
        let said = format!("{done}. {email} is known already and signs in as before.");
        area.flash(&Flash::success(said))?;
        return Ok(see_other(&new.url));
    };
    let now = console.parts.clock.now();
    let expires = Moment::new(now + one_time_links::VALID_FOR, now);
    let link = console
        .site
        .link(&urls::set_password(token.expose_secret()));
    if console.parts.mailer.sends() {
        let letter = letter(area, &new, (&link, &expires));
        if console.parts.mailer.send(letter).is_ok() {
            let said = format!("{done}. A letter to {email} has a link to set a password.");
            area.flash(&Flash::success(said))?;
            return Ok(see_other(&new.url));
        }
    }
    let page = LinkPage {
        page: area.page(new.page)?,
        done: new.done,
        email,
        link,
        expires,
        url: new.url,
        back: new.page,
    };
    Ok(Unkept(StatusCode::CREATED, page).respond_to(request))
}

fn letter(area: &OperatorArea, new: &Welcomed, (link, expires): (&str, &Moment)) -> Letter {
    let by = &area.person.viewer;
    Letter::new(new.email.clone(), "Set your password at Latchkey")
        .greets(&new.name)
        .says(format!("{} ({}) {}.", by.name, by.email, new.by))
        .links("Set a password", link)
        .says(format!(
            "The link works once, until {} UTC. If you expected no such letter, leave it be.",
            expires.at()
        ))
}
