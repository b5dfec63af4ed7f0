//! What becomes of an invitation: its letter or its link, sent again, withdrawn.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use uuid::Uuid;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::html::Unkept;
use crate::dashboard::html::see_other;
use crate::dashboard::members::role;
use crate::dashboard::members::words;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::invitations;
use crate::db::invitations::InvitationPlace;
use crate::db::invitations::OPEN_MAX;
use crate::db::invitations::OpenInvitation;
use crate::db::invitations::SENT_JUST_NOW;
use crate::db::invitations::TOO_MANY_OPEN;
use crate::db::invitations::VALID_FOR;
use crate::db::members::ABOVE_THEIRS;
use crate::domain::person::Email;
use crate::domain::role::AccountRole;
use crate::mail::Letter;

/// An open invitation, as the list of members shows it.
pub struct InvitationLine {
    pub email: String,
    pub role: &'static str,
    pub invited_by: String,
    pub expires: Moment,
    pub expired: bool,
    pub url: String,
}

impl InvitationLine {
    pub fn new(one: OpenInvitation, now: DateTime<Utc>) -> Self {
        Self {
            role: words::in_account(one.role),
            expires: Moment::new(one.expires_at, now),
            expired: one.expires_at <= now,
            url: format!("{}/invitations/{}", urls::ACCOUNT_MEMBERS, one.id),
            email: one.email,
            invited_by: one.invited_by,
        }
    }
}

/// An invitation whose token is still to be told.
pub struct Sent {
    pub email: Email,
    pub role: AccountRole,
    pub token: SecretString,
    /// Whether it had a token before.
    pub again: bool,
}

#[derive(Template)]
#[template(path = "members/invited.html")]
struct LinkPage {
    page: PageContext,
    email: String,
    link: String,
    expires: Moment,
}

/// By letter where letters go out; else the link is on the page that is answered, and nowhere else.
pub fn tell(
    person: &SignedIn,
    request: &HttpRequest,
    console: &Console,
    sent: Sent,
) -> Result<HttpResponse, PageError> {
    let now = console.parts.clock.now();
    let expires = Moment::new(now + VALID_FOR, now);
    let path = urls::invitation(sent.token.expose_secret());
    let link = console.parts.public_url.join(&path);
    let link = link.map_err(PageError::internal)?.to_string();
    let email = sent.email.as_str().to_owned();
    if console.parts.mailer.sends() {
        let account = &person.membership()?.account_name;
        let role = words::an(sent.role.as_str());
        let letter = Letter::new(sent.email, format!("Join {account} on Latchkey"))
            .says(format!(
                "{} ({}) invites you to {account} as {role}.",
                person.viewer.name, person.viewer.email
            ))
            .links("Answer the invitation", link)
            .says(format!(
                "The link works once, for this address only, until {} UTC. If you expected no \
                 invitation, leave it be.",
                expires.at()
            ));
        let flash = if console.parts.mailer.send(letter).is_ok() {
            let how = if sent.again {
                "again, and the link before is dead"
            } else {
                "by mail"
            };
            Flash::success(format!("The invitation for {email} was sent {how}."))
        } else {
            Flash::warning(format!(
                "{email} is invited, but too many letters wait to be sent. Send it again later."
            ))
        };
        person.flash(&flash)?;
        return Ok(see_other(urls::ACCOUNT_MEMBERS));
    }
    let page = LinkPage {
        page: person.page_outside(Section::AccountMembers)?,
        email,
        link,
        expires,
    };
    Ok(Unkept(StatusCode::OK, page).respond_to(request))
}

pub async fn resend(
    person: SignedIn,
    _form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    person.require_recent(&request)?;
    let (actor, now) = (person.actor(), console.parts.clock.now());
    let (place, random) = (place(&person, &request)?, console.random.clone());
    let db = &console.parts.db;
    let outcome = db
        .run(move |conn| invitations::resend(conn, &actor, now, &*random, place))
        .await;
    match outcome {
        Ok((email, role, token)) => {
            let sent = Sent {
                email,
                role,
                token,
                again: true,
            };
            tell(&person, &request, &console, sent)
        }
        Err(error) if error.is_conflict_on(SENT_JUST_NOW) => {
            person.flash(&Flash::info(
                "It was sent less than 10 minutes ago. Try again in some minutes.",
            ))?;
            Ok(see_other(urls::ACCOUNT_MEMBERS))
        }
        Err(error) if error.is_conflict_on(TOO_MANY_OPEN) => {
            let said = format!("{OPEN_MAX} invitations are open, which is the most.");
            person.flash(&Flash::warning(format!("{said} Withdraw some first.")))?;
            Ok(see_other(urls::ACCOUNT_MEMBERS))
        }
        Err(error) if error.is_conflict_on(ABOVE_THEIRS) => {
            Err(role::above(&person.membership()?.account_name))
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn withdraw(
    person: SignedIn,
    _form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let (actor, now) = (person.actor(), console.parts.clock.now());
    let place = place(&person, &request)?;
    let db = &console.parts.db;
    let outcome = db
        .run(move |conn| invitations::withdraw(conn, &actor, now, place))
        .await;
    match outcome {
        Ok(email) => {
            person.flash(&Flash::success(format!(
                "The invitation for {email} is withdrawn. Its link opens nothing."
            )))?;
            Ok(see_other(urls::ACCOUNT_MEMBERS))
        }
        Err(error) if error.is_conflict_on(ABOVE_THEIRS) => {
            Err(role::above(&person.membership()?.account_name))
        }
        Err(error) => Err(error.into()),
    }
}

fn place(person: &SignedIn, request: &HttpRequest) -> Result<InvitationPlace, PageError> {
    let id: Uuid = request
        .match_info()
        .query("i")
        .parse()
        .map_err(|_| PageError::NotFound)?;
    Ok((person.membership()?.account, id))
}
