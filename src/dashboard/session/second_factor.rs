//! `/sign-in/{domain}/second-factor`: the second step, for people who have set one up.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Path;
use askama::Template;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::see_other;
use crate::dashboard::page::PlainContext;
use crate::dashboard::posted::VisitorPosted;
use crate::dashboard::session::Browser;
use crate::dashboard::session::code;
use crate::dashboard::session::code::Proof;
use crate::dashboard::session::credentials::Refusal;
use crate::dashboard::session::password;
use crate::dashboard::session::pending::Pending;
use crate::dashboard::urls;
use crate::dashboard::visitor::Visitor;
use crate::domain::account;

#[derive(Template)]
#[template(path = "session/second_factor.html")]
struct SecondFactorPage {
    page: PlainContext,
    domain: String,
    email: String,
    errors: FormErrors,
}

pub(super) const WRONG: &str = "This code is wrong, or it was used before. Wait for the next one.";

impl SecondFactorPage {
    fn new(visitor: &Visitor, pending: &Pending, errors: FormErrors) -> Self {
        Self {
            page: visitor.page.clone(),
            domain: pending.domain.clone(),
            email: pending.email.clone(),
            errors,
        }
    }
}

pub async fn get(
    visitor: Visitor,
    path: Path<String>,
    request: HttpRequest,
    console: Console,
) -> HttpResponse {
    let Some(pending) = pending_at(&path, &request, &console) else {
        return begin_again(&path);
    };
    let page = SecondFactorPage::new(&visitor, &pending, FormErrors::default());
    visitor.show(&request, page)
}

pub async fn post(
    visitor: Visitor,
    form: VisitorPosted,
    path: Path<String>,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let Some(pending) = pending_at(&path, &request, &console) else {
        return Ok(begin_again(&path));
    };
    let known = pending.known();
    let actor = visitor.actor(known.user, &known.email);
    let mut errors = FormErrors::default();
    let refusal = match form.parse_with("code", &mut errors, code::entered) {
        None => Refusal::Unfit,
        Some(entered) => {
            match code::check(&console, (&actor, visitor.ip), known.user, entered).await? {
                Ok(proof) => {
                    return let_in(&console, &visitor, &request, (pending, proof)).await;
                }
                Err(refusal) => refusal,
            }
        }
    };
    refusal.say(&mut errors, ("code", WRONG));
    let page = SecondFactorPage::new(&visitor, &pending, errors);
    let mut answer = visitor.show_with(&request, refusal.status(), page);
    if let Some(seconds) = refusal.retry_after() {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(answer)
}

async fn let_in(
    console: &Console,
    visitor: &Visitor,
    request: &HttpRequest,
    (pending, proof): (Pending, Proof),
) -> Result<HttpResponse, PageError> {
    let at = (request, pending.next.as_str());
    let whose = (pending.domain.clone(), pending.known());
    let mut answer = password::open_session(console, visitor, at, whose).await?;
    // Our own cookie always fits a header.
    let _ = answer.add_cookie(&Pending::no_cookie(console));
    if let Proof::Recovery(left) = proof {
        let flash = Flash::warning(format!(
            "You signed in with a recovery code. Codes that are left: {left}."
        ));
        let flash = flash.with_link(urls::SECOND_FACTOR, "Make new codes");
        Browser::of(request).set_flash(&flash)?;
    }
    Ok(answer)
}

/// The sign-in that waits for its second step here.
fn pending_at(domain: &str, request: &HttpRequest, console: &Console) -> Option<Pending> {
    Pending::of(request, console).filter(|pending| pending.domain == domain)
}

fn begin_again(domain: &str) -> HttpResponse {
    match account::parse_label(domain) {
        Ok(domain) => see_other(&format!("/sign-in/{domain}?late=1")),
        Err(_) => see_other("/sign-in"),
    }
}
