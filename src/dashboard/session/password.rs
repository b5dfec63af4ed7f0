//! `/sign-in/{domain}`: who, and the password. Whatever is wrong, the answer is the same.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Path;
use askama::Template;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::see_other;
use crate::dashboard::page::PlainContext;
use crate::dashboard::posted::Fields;
use crate::dashboard::posted::VisitorPosted;
use crate::dashboard::session::Browser;
use crate::dashboard::session::credentials;
use crate::dashboard::session::credentials::Known;
use crate::dashboard::session::credentials::Refusal;
use crate::dashboard::session::pending::Pending;
use crate::dashboard::session::providers;
use crate::dashboard::session::providers::Button;
use crate::dashboard::session::sign_in;
use crate::dashboard::urls;
use crate::dashboard::visitor::Visitor;
use crate::db::second_factors;
use crate::db::sessions;
use crate::db::sign_in_rules;
use crate::domain::account;
use crate::domain::identity::Provider;

#[derive(Template)]
#[template(path = "session/password.html")]
struct PasswordPage {
    page: PlainContext,
    domain: String,
    email: String,
    next: String,
    notice: &'static str,
    buttons: Vec<Button>,
    /// The only way in at this domain; then there is no form for a password.
    required: Option<Provider>,
    errors: FormErrors,
}

const ENDED: &str = "You were signed out, because the session was over. Sign in to continue where \
                     you were.";
const LATE: &str = "That took longer than five minutes. Sign in again.";
const JOINED: &str = "You belong to this company now. Sign in here to begin.";
const LEFT: &str = "You no longer belong to this company.";
const PASSWORD_SET: &str = "Your password is set. Sign in with it.";

pub async fn get(
    visitor: Visitor,
    path: Path<String>,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let domain = account::parse_label(&path).map_err(|_| PageError::NotFound)?;
    let query = Fields::of_query(&request)?;
    if Browser::of(&request).viewer()?.is_some() {
        let next = console.site.safe_next(query.get("next"));
        return Ok(see_other(next.as_deref().unwrap_or("/")));
    }
    let notice = match (query.get("ended"), query.get("set")) {
        ("", "") if !query.get("late").is_empty() => LATE,
        ("", "") => "",
        ("", _) => PASSWORD_SET,
        _ => ENDED,
    };
    let notice = match (query.get("joined"), query.get("left")) {
        ("", "") => notice,
        ("", _) => LEFT,
        _ => JOINED,
    };
    let required = required_at(&console, &domain).await?;
    let page = PasswordPage {
        page: visitor.page.clone(),
        buttons: buttons(&console, &domain, required),
        required,
        domain,
        email: String::new(),
        next: query.get("next").to_owned(),
        notice,
        errors: FormErrors::default(),
    };
    let mut answer = visitor.show(&request, page);
    providers::let_forms_lead_on(&console, &mut answer);
    Ok(answer)
}

pub async fn post(
    visitor: Visitor,
    form: VisitorPosted,
    path: Path<String>,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let domain = account::parse_label(&path).map_err(|_| PageError::NotFound)?;
    let mut errors = FormErrors::default();
    let email = form.parse_as("email", &mut errors);
    let password = form.parse_with("password", &mut errors, credentials::entered);
    let required = required_at(&console, &domain).await?;
    let refusal = match email.zip(password) {
        // Whatever the password: that is not the way in.
        _ if required.is_some() => Refusal::Unfit,
        None => Refusal::Unfit,
        Some((email, password)) => {
            match credentials::check(&console, &visitor, (&domain, &email), password).await? {
                Ok(known) => {
                    let place = (&request, form.get("next"));
                    return let_in(&console, &visitor, place, (domain, known)).await;
                }
                Err(refusal) => refusal,
            }
        }
    };
    if let Some(provider) = required {
        errors = FormErrors::default();
        errors.add("", required_words(provider, &domain));
    } else if let Some(words) = refusal.words() {
        errors.add("", words);
    }
    let page = PasswordPage {
        page: visitor.page.clone(),
        buttons: buttons(&console, &domain, required),
        required,
        domain,
        email: form.get("email").to_owned(),
        next: form.get("next").to_owned(),
        notice: "",
        errors,
    };
    let mut answer = visitor.show_with(&request, refusal.status(), page);
    providers::let_forms_lead_on(&console, &mut answer);
    if let Some(seconds) = refusal.retry_after() {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(answer)
}

fn buttons(console: &Console, domain: &str, required: Option<Provider>) -> Vec<Button> {
    let mut buttons = providers::buttons(console, &format!("/sign-in/{domain}"));
    buttons.retain(|button| required.is_none_or(|provider| provider == button.provider));
    buttons
}

async fn required_at(console: &Console, domain: &str) -> Result<Option<Provider>, PageError> {
    let domain = domain.to_owned();
    let db = &console.parts.db;
    Ok(db
        .run(move |conn| sign_in_rules::provider_required_at(conn, &domain))
        .await?)
}

fn required_words(provider: Provider, domain: &str) -> String {
    format!("{domain} signs in with {} only.", provider.name())
}

impl PasswordPage {
    fn required_words(&self) -> String {
        let words = |provider| required_words(provider, &self.domain);
        self.required.map_or_else(String::new, words)
    }
}

/// A session, or first the second step for who has set one up.
pub(super) async fn let_in(
    console: &Console,
    visitor: &Visitor,
    (request, next): (&HttpRequest, &str),
    (domain, known): (String, Known),
) -> Result<HttpResponse, PageError> {
    let (user, now) = (known.user, console.parts.clock.now());
    let db = &console.parts.db;
    let factor = db.run(move |conn| second_factors::find(conn, user)).await?;
    if factor.is_none() {
        return open_session(console, visitor, (request, next), (domain, known)).await;
    }
    let mut answer = see_other(&urls::second_step(&domain));
    let pending = Pending::new(known, &domain, next, now);
    // Our own cookie always fits a header.
    let _ = answer.add_cookie(&pending.cookie(console)?);
    Ok(answer)
}

/// A session under a new id; an old one of this browser is over.
pub(super) async fn open_session(
    console: &Console,
    visitor: &Visitor,
    (request, next): (&HttpRequest, &str),
    (domain, known): (String, Known),
) -> Result<HttpResponse, PageError> {
    let browser = Browser::of(request);
    let actor = visitor.actor(known.user, &known.email);
    if let Some(old) = browser.id()? {
        let (actor, now) = (actor.clone(), console.parts.clock.now());
        let db = &console.parts.db;
        db.run(move |conn| sessions::end(conn, &actor, now, &old))
            .await?;
    }
    let whose = (known.user, known.account);
    browser.start_by(known.provider, whose, &actor, &*console.random)?;
    let next = console.site.safe_next(next);
    let mut answer = see_other(next.as_deref().unwrap_or("/"));
    // A domain is a label, which always fits a header.
    let _ = answer.add_cookie(&sign_in::remember(&console.site, domain));
    Ok(answer)
}
