//! `/operator/accounts/new`: a customer and its owner, as `latchkey account create` makes them.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use askama::Template;
use diesel::Connection;
use secrecy::SecretString;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::operator::accounts;
use crate::dashboard::operator::welcome;
use crate::dashboard::operator::welcome::Welcomed;
use crate::dashboard::page::PageContext;
use crate::dashboard::posted::Fields;
use crate::dashboard::posted::Posted;
use crate::db::DbError;
use crate::db::accounts as stored;
use crate::db::accounts::NewAccount;
use crate::db::accounts::STANDARD_PLAN;
use crate::db::one_time_links;
use crate::db::one_time_links::Purpose;
use crate::db::users::NewPerson;
use crate::domain::account::ACCOUNT_NAME_LENGTH_MAX;
use crate::domain::account::AccountDomain;
use crate::domain::account::parse_customer_id;
use crate::domain::person::Email;
use crate::domain::person::PERSON_NAME_LENGTH_MAX;
use crate::domain::text;

#[derive(Template)]
#[template(path = "operator/account_new.html")]
struct NewAccountPage {
    page: PageContext,
    errors: FormErrors,
    domain: String,
    name: String,
    customer: String,
    plan: String,
    /// Slug and name.
    plans: Vec<(String, String)>,
    owner_name: String,
    owner_email: String,
    /// Whether the owner gets a letter, or the link is shown.
    sends: bool,
}

pub async fn get(
    area: OperatorArea,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    area.person.require_recent(&request)?;
    let fields = area.person.kept_form(&request)?.unwrap_or_default();
    let form = (&fields, FormErrors::default());
    show(&area, &request, (&console, StatusCode::OK), form).await
}

pub async fn post(
    area: OperatorArea,
    form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    area.person.require_recent_to_send(&request, &form)?;
    let mut errors = FormErrors::default();
    let again = StatusCode::UNPROCESSABLE_ENTITY;
    let Some(new) = parse(&form, &mut errors) else {
        return show(&area, &request, (&console, again), (&form, errors)).await;
    };
    let owner = (new.owner.email.clone(), new.owner.name.clone());
    let name = new.name.clone();
    match make(&area, &console, new).await {
        Ok((public_id, token)) => {
            let new = Welcomed {
                email: owner.0,
                name: owner.1,
                token,
                by: format!("made the account {name} at Latchkey, which you own"),
                done: format!("The account {name} is made"),
                page: OperatorPage::Accounts,
                url: accounts::url(&public_id),
            };
            welcome::tell(&area, &request, &console, new)
        }
        Err(error) => {
            let Some((field, said)) = refusal(&error) else {
                return Err(error.into());
            };
            errors.add(field, said);
            show(&area, &request, (&console, again), (&form, errors)).await
        }
    }
}

/// The account's public id, and the token of a link for an owner who is new.
async fn make(
    area: &OperatorArea,
    console: &Console,
    new: NewAccount,
) -> Result<(String, Option<SecretString>), DbError> {
    let (actor, now) = (area.actor(), console.parts.clock.now());
    let random = console.random.clone();
    let db = &console.parts.db;
    db.run(move |conn| {
        conn.transaction(|conn| {
            let made = stored::create(conn, &actor, now, &*random, &new)?;
            let public_id = stored::public_id_of(conn, made.account)?;
            if !made.owner_is_new {
                return Ok((public_id, None));
            }
            let purpose = Purpose::SetPassword(made.owner);
            let token = one_time_links::create(conn, &actor, now, &*random, purpose)?;
            Ok((public_id, Some(token)))
        })
    })
    .await
}

fn parse(form: &Fields, errors: &mut FormErrors) -> Option<NewAccount> {
    let name = form.parse_with("name", errors, |input| {
        text::line(input, ACCOUNT_NAME_LENGTH_MAX)
    });
    let domain: Option<AccountDomain> = form.parse_as("domain", errors);
    let customer = if form.get("customer").trim().is_empty() {
        Some(None)
    } else {
        let given = form.parse_with("customer", errors, parse_customer_id);
        given.map(Some)
    };
    let owner_name = form.parse_with("owner_name", errors, |input| {
        text::line(input, PERSON_NAME_LENGTH_MAX)
    });
    let owner_email: Option<Email> = form.parse_as("owner_email", errors);
    Some(NewAccount {
        domain: domain?,
        name: name?,
        customer_id: customer?,
        plan: Some(form.get("plan").to_owned()),
        owner: NewPerson {
            email: owner_email?,
            name: owner_name?,
            password_hash: None,
        },
    })
}

fn refusal(error: &DbError) -> Option<(&'static str, &'static str)> {
    let told = [
        (
            stored::DOMAIN_KEY,
            "domain",
            "Another account has this domain. Choose another.",
        ),
        (
            stored::CUSTOMER_KEY,
            "customer",
            "Another account has this customer ID. Choose another; without one it is the domain.",
        ),
        (stored::PLAN_KEY, "plan", "Choose a plan of the list."),
    ];
    let fits = told.into_iter().find(|told| error.is_conflict_on(told.0));
    fits.map(|(_, field, said)| (field, said))
}

async fn show(
    area: &OperatorArea,
    request: &HttpRequest,
    (console, status): (&Console, StatusCode),
    (form, errors): (&Fields, FormErrors),
) -> Result<HttpResponse, PageError> {
    let db = &console.parts.db;
    let plans = db.run(|conn| stored::plans(conn, "")).await?;
    let plan = match form.get("plan") {
        "" => STANDARD_PLAN,
        chosen => chosen,
    };
    let page = NewAccountPage {
        page: area.page(OperatorPage::Accounts)?,
        errors,
        domain: form.get("domain").to_owned(),
        name: form.get("name").to_owned(),
        customer: form.get("customer").to_owned(),
        plan: plan.to_owned(),
        plans,
        owner_name: form.get("owner_name").to_owned(),
        owner_email: form.get("owner_email").to_owned(),
        sends: console.parts.mailer.sends(),
    };
    Ok(Html(status, page).respond_to(request))
}
