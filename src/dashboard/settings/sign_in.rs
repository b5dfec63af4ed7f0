//! `/account/settings/sign-in`: what an account asks of its members, set by its owners.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use askama::Template;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Fields;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::DbError;
use crate::db::identities;
use crate::db::sign_in_rules;
use crate::db::sign_in_rules::SignInRules;
use crate::domain::account::AccountId;
use crate::domain::identity::Provider;

#[derive(Template)]
#[template(path = "settings/sign_in.html")]
struct SignInRulesPage {
    page: PageContext,
    rules: SignInRules,
    /// What turning it on would mean now.
    lacking: String,
    choices: Vec<Choice>,
    errors: FormErrors,
}

/// A provider that may be made the only way in.
struct Choice {
    provider: Provider,
    /// What it would mean for the members now.
    hint: String,
}

impl SignInRulesPage {
    fn requires(&self, provider: &str) -> bool {
        self.rules.required_provider.map_or("", Provider::as_str) == provider
    }
}

const LINK_FIRST: &str = "Link a sign-in of yours there first, under Security, so that you can \
                          still sign in afterwards.";

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let account = account_of(&person)?;
    person.require_recent(&request)?;
    let db = &console.parts.db;
    let rules = db
        .run(move |conn| sign_in_rules::find(conn, account))
        .await?;
    let rules = match person.kept_form(&request)? {
        Some(kept) => wanted(&kept),
        None => rules,
    };
    let page = page(&console, &person, rules, FormErrors::default()).await?;
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

async fn page(
    console: &Console,
    person: &SignedIn,
    rules: SignInRules,
    errors: FormErrors,
) -> Result<SignInRulesPage, PageError> {
    let account = account_of(person)?;
    // One that is required stays in the list, even if it is no longer set up.
    let offered: Vec<Provider> = Provider::ALL
        .into_iter()
        .filter(|provider| {
            let is_set_up = console.parts.providers.get(*provider).is_some();
            is_set_up || rules.required_provider == Some(*provider)
        })
        .collect();
    let db = &console.parts.db;
    let (lacking, without) = db
        .run(move |conn| {
            let lacking = sign_in_rules::members_without_factor(conn, account)?;
            let without: Result<Vec<_>, _> = offered
                .into_iter()
                .map(|provider| {
                    let count = sign_in_rules::members_without(conn, account, provider)?;
                    Ok::<_, DbError>((provider, count))
                })
                .collect();
            Ok((lacking, without?))
        })
        .await?;
    let choice = |(provider, without): (Provider, i64)| Choice {
        provider,
        hint: hint(provider, without),
    };
    Ok(SignInRulesPage {
        page: person.page_outside(Section::SignInRules)?,
        rules,
        lacking: match lacking {
            0 => "Every member has one.".to_owned(),
            1 => "1 member has none yet.".to_owned(),
            many => format!("{many} members have none yet."),
        },
        choices: without.into_iter().map(choice).collect(),
        errors,
    })
}

fn hint(provider: Provider, without: i64) -> String {
    let name = provider.name();
    let who = match without {
        0 => "Every member has linked one.".to_owned(),
        1 => "1 member has linked none yet and would be locked out.".to_owned(),
        many => format!("{many} members have linked none yet and would be locked out."),
    };
    format!("{who} Sessions that began without {name} end with this, also your own.")
}

pub async fn post(
    person: SignedIn,
    form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let account = account_of(&person)?;
    person.require_recent_to_send(&request, &form)?;
    let wanted = wanted(&form);
    if let Some(provider) = wanted.required_provider
        && !has_linked(&console, &person, provider).await?
    {
        let mut errors = FormErrors::default();
        errors.add("required_provider", LINK_FIRST);
        let page = page(&console, &person, wanted, errors).await?;
        return Ok(Html(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(&request));
    }
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

fn wanted(form: &Fields) -> SignInRules {
    SignInRules {
        second_factor_required: form.get("second_factor") == "required",
        required_provider: Provider::parse(form.get("required_provider")),
    }
}

/// Whether the owner who makes it the only way in still gets in.
async fn has_linked(
    console: &Console,
    person: &SignedIn,
    provider: Provider,
) -> Result<bool, PageError> {
    let user = person.viewer.id;
    let db = &console.parts.db;
    let linked = db
        .run(move |conn| identities::of_person(conn, user))
        .await?;
    let is_set_up = console.parts.providers.get(provider).is_some();
    Ok(is_set_up && linked.iter().any(|one| one.provider == provider))
}

fn account_of(person: &SignedIn) -> Result<AccountId, PageError> {
    Ok(person.membership()?.account)
}
