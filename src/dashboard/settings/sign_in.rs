//! `/account/settings/sign-in`: what an account asks of its members, set by its owners.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use askama::Template;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::sign_in_rules;
use crate::db::sign_in_rules::SignInRules;
use crate::domain::account::AccountId;

#[derive(Template)]
#[template(path = "settings/sign_in.html")]
struct SignInRulesPage {
    page: PageContext,
    rules: SignInRules,
    /// What turning it on would mean now.
    lacking: String,
}

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let account = account_of(&person)?;
    person.require_recent(&request)?;
    let db = &console.parts.db;
    let (rules, lacking) = db
        .run(move |conn| {
            let rules = sign_in_rules::find(conn, account)?;
            Ok((rules, sign_in_rules::members_without_factor(conn, account)?))
        })
        .await?;
    let page = SignInRulesPage {
        page: person.page_outside(Section::SignInRules)?,
        rules,
        lacking: match lacking {
            0 => "Every member has one.".to_owned(),
            1 => "1 member has none yet.".to_owned(),
            many => format!("{many} members have none yet."),
        },
    };
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

pub async fn post(
    person: SignedIn,
    form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let account = account_of(&person)?;
    person.require_recent(&request)?;
    let wanted = SignInRules {
        second_factor_required: form.get("second_factor") == "required",
    };
    let (actor, now) = (person.actor(), console.parts.clock.now());
    let db = &console.parts.db;
    let changed = db
        .run(move |conn| sign_in_rules::change(conn, &actor, now, account, wanted))
        .await?;
    person.flash(&if changed {
        Flash::success("The sign-in rules are saved. They hold from each member’s next page on.")
    } else {
        Flash::info("Nothing was different. The sign-in rules are as they were.")
    })?;
    Ok(see_other(urls::SIGN_IN_RULES))
}

fn account_of(person: &SignedIn) -> Result<AccountId, PageError> {
    Ok(person.membership()?.account)
}
