//! `/set-password?token=`: a person chooses a password. The link works once.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use diesel::Connection;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::see_other;
use crate::dashboard::page::PlainContext;
use crate::dashboard::posted::Fields;
use crate::dashboard::posted::VisitorPosted;
use crate::dashboard::session::new_password;
use crate::dashboard::urls;
use crate::dashboard::visitor::Visitor;
use crate::db::memberships;
use crate::db::one_time_links;
use crate::db::one_time_links::Purpose;
use crate::db::users;
use crate::domain::account::STAFF_DOMAIN;
use crate::domain::person::UserId;

#[derive(Template)]
#[template(path = "session/set_password.html")]
struct SetPasswordPage {
    page: PlainContext,
    action: String,
    email: String,
    errors: FormErrors,
}

pub async fn get(
    visitor: Visitor,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let token = Fields::of_query(&request)?.get("token").to_owned();
    let (_, email) = person_of(&console, &token).await?;
    let page = SetPasswordPage {
        page: visitor.page.clone(),
        action: urls::set_password(&token),
        email,
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
    let token = Fields::of_query(&request)?.get("token").to_owned();
    let (user, email) = person_of(&console, &token).await?;
    let mut errors = FormErrors::default();
    let Some(password) = new_password::parse(&form, &mut errors, &["email"]) else {
        let page = SetPasswordPage {
            page: visitor.page.clone(),
            action: urls::set_password(&token),
            email,
            errors,
        };
        return Ok(visitor.show_with(&request, StatusCode::UNPROCESSABLE_ENTITY, page));
    };
    let hash = new_password::hash(&console, password).await?;
    let (actor, now) = (visitor.actor(user, &email), console.parts.clock.now());
    let db = &console.parts.db;
    let domain = db
        .run(move |conn| {
            conn.transaction(|conn| {
                if one_time_links::use_up(conn, now, &token)?.is_none() {
                    return Ok(None);
                }
                users::set_password(conn, &actor, now, user, &hash)?;
                let mut domains = memberships::domains_of(conn, user)?.into_iter();
                Ok(Some(
                    domains.next().unwrap_or_else(|| STAFF_DOMAIN.to_owned()),
                ))
            })
        })
        .await?
        .ok_or(PageError::LinkOver)?;
    Ok(see_other(&format!("/sign-in/{domain}?set=1")))
}

async fn person_of(console: &Console, token: &str) -> Result<(UserId, String), PageError> {
    let (now, token) = (console.parts.clock.now(), token.to_owned());
    let db = &console.parts.db;
    db.run(move |conn| match one_time_links::find(conn, now, &token)? {
        Some(Purpose::SetPassword(user) | Purpose::ResetPassword(user)) => {
            Ok(Some((user, users::email_of(conn, user)?)))
        }
        _ => Ok(None),
    })
    .await?
    .ok_or(PageError::LinkOver)
}
