//! `/sign-in`: the company's domain. Whether anybody has it, only the password will tell.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;

use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::see_other;
use crate::dashboard::page::PlainContext;
use crate::dashboard::posted::Fields;
use crate::dashboard::posted::VisitorPosted;
use crate::dashboard::session::Browser;
use crate::dashboard::site::Site;
use crate::dashboard::urls;
use crate::dashboard::visitor::Visitor;
use crate::domain::account;

/// Remembers the domain, so that the next visit begins at the password.
pub const DOMAIN_COOKIE: &str = "lk_domain";
const REMEMBERED_FOR: Duration = Duration::days(365);

#[derive(Template)]
#[template(path = "session/sign_in.html")]
struct SignInPage {
    page: PlainContext,
    domain: String,
    next: String,
    ended: bool,
    errors: FormErrors,
}

pub async fn get(
    visitor: Visitor,
    request: HttpRequest,
    site: ThinData<Site>,
) -> Result<HttpResponse, PageError> {
    let query = Fields::of_query(&request)?;
    let next = query.get("next");
    if Browser::of(&request).viewer()?.is_some() {
        return Ok(see_other(site.safe_next(next).as_deref().unwrap_or("/")));
    }
    let ended = !query.get("ended").is_empty();
    if query.get("other").is_empty()
        && let Some(domain) = remembered(&site, &request)
    {
        return Ok(see_other(&urls::sign_in_at(&domain, next, ended)));
    }
    let page = SignInPage {
        page: visitor.page.clone(),
        domain: String::new(),
        next: next.to_owned(),
        ended,
        errors: FormErrors::default(),
    };
    Ok(visitor.show(&request, page))
}

pub async fn post(
    visitor: Visitor,
    form: VisitorPosted,
    request: HttpRequest,
    site: ThinData<Site>,
) -> HttpResponse {
    let mut errors = FormErrors::default();
    if let Some(domain) = form.parse_with("domain", &mut errors, account::parse_label) {
        let mut answer = see_other(&urls::sign_in_at(&domain, form.get("next"), false));
        // A domain is a label, which always fits a header.
        let _ = answer.add_cookie(&remember(&site, domain));
        return answer;
    }
    let page = SignInPage {
        page: visitor.page.clone(),
        domain: form.get("domain").to_owned(),
        next: form.get("next").to_owned(),
        ended: false,
        errors,
    };
    visitor.show_with(&request, StatusCode::UNPROCESSABLE_ENTITY, page)
}

fn remembered(site: &Site, request: &HttpRequest) -> Option<String> {
    let cookie = request.cookie(&site.cookie_name(DOMAIN_COOKIE))?;
    account::parse_label(cookie.value()).ok()
}

pub(super) fn remember(site: &Site, domain: String) -> Cookie<'static> {
    let mut cookie = site.cookie(DOMAIN_COOKIE, domain);
    cookie.set_max_age(REMEMBERED_FOR);
    cookie
}
