//! `/setup?token=`: the first account of an empty installation. The link works once.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use diesel::Connection;
use diesel::PgConnection;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::see_other;
use crate::dashboard::page::PlainContext;
use crate::dashboard::posted::Fields;
use crate::dashboard::posted::VisitorPosted;
use crate::dashboard::session::Browser;
use crate::dashboard::session::new_password;
use crate::dashboard::urls;
use crate::dashboard::visitor::Visitor;
use crate::db::DbError;
use crate::db::accounts;
use crate::db::accounts::Created;
use crate::db::accounts::NewAccount;
use crate::db::one_time_links;
use crate::db::one_time_links::Purpose;
use crate::db::staff_grants;
use crate::db::users::NewPerson;
use crate::domain::account::ACCOUNT_NAME_LENGTH_MAX;
use crate::domain::actor::Actor;
use crate::domain::person::PERSON_NAME_LENGTH_MAX;
use crate::domain::role::StaffRole;
use crate::domain::text;

#[derive(Template)]
#[template(path = "session/set_up.html")]
struct SetUpPage {
    page: PlainContext,
    action: String,
    company: String,
    domain: String,
    name: String,
    email: String,
    errors: FormErrors,
}

impl SetUpPage {
    fn new(visitor: &Visitor, token: &str, entered: &Fields, errors: FormErrors) -> Self {
        Self {
            page: visitor.page.clone(),
            action: urls::set_up(token),
            company: entered.get("company").to_owned(),
            domain: entered.get("domain").to_owned(),
            name: entered.get("name").to_owned(),
            email: entered.get("email").to_owned(),
            errors,
        }
    }
}

pub async fn get(
    visitor: Visitor,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let token = token_of(&request)?;
    require_open(&console, &token).await?;
    let page = SetUpPage::new(&visitor, &token, &Fields::default(), FormErrors::default());
    Ok(visitor.show(&request, page))
}

pub async fn post(
    visitor: Visitor,
    form: VisitorPosted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let token = token_of(&request)?;
    require_open(&console, &token).await?;
    let mut errors = FormErrors::default();
    let Some((mut new, password)) = parse(&form, &mut errors) else {
        let page = SetUpPage::new(&visitor, &token, &form, errors);
        return Ok(visitor.show_with(&request, StatusCode::UNPROCESSABLE_ENTITY, page));
    };
    new.owner.password_hash = Some(new_password::hash(&console, password).await?);
    let email = new.owner.email.as_str().to_owned();
    let (actor, now) = (visitor.unknown_actor("set-up"), console.parts.clock.now());
    let random = console.random.clone();
    let db = &console.parts.db;
    let created = db
        .run(move |conn| {
            conn.transaction(|conn| {
                if one_time_links::use_up(conn, now, &token)? != Some(Purpose::SetUp) {
                    return Err(DbError::NotFound);
                }
                let created = accounts::create(conn, &actor, now, &*random, &new)?;
                make_operator(conn, &actor, now, (created, new.owner.email.as_str()))
            })
        })
        .await
        .map_err(PageError::from)
        .map_err(link_over)?;
    let actor = visitor.actor(created.owner, &email);
    Browser::of(&request).start(
        (created.owner, Some(created.account)),
        &actor,
        &*console.random,
    )?;
    Ok(see_other("/"))
}

/// Who sets Latchkey up runs it.
fn make_operator(
    conn: &mut PgConnection,
    actor: &Actor,
    now: chrono::DateTime<chrono::Utc>,
    (created, email): (Created, &str),
) -> Result<Created, DbError> {
    let owner = (created.owner, email);
    staff_grants::grant(conn, actor, now, owner, StaffRole::Operator)?;
    Ok(created)
}

fn parse(form: &Fields, errors: &mut FormErrors) -> Option<(NewAccount, String)> {
    let company = form.parse_with("company", errors, |input| {
        text::line(input, ACCOUNT_NAME_LENGTH_MAX)
    });
    let domain = form.parse_as("domain", errors);
    let name = form.parse_with("name", errors, |input| {
        text::line(input, PERSON_NAME_LENGTH_MAX)
    });
    let email = form.parse_as("email", errors);
    let password = new_password::parse(form, errors, &["company", "domain", "name", "email"]);
    let owner = NewPerson {
        email: email?,
        name: name?,
        password_hash: None,
    };
    let new = NewAccount {
        domain: domain?,
        name: company?,
        customer_id: None,
        plan: None,
        owner,
    };
    Some((new, password?))
}

fn token_of(request: &HttpRequest) -> Result<String, PageError> {
    Ok(Fields::of_query(request)?.get("token").to_owned())
}

async fn require_open(console: &Console, token: &str) -> Result<(), PageError> {
    let (now, token) = (console.parts.clock.now(), token.to_owned());
    let db = &console.parts.db;
    let purpose = db
        .run(move |conn| one_time_links::find(conn, now, &token))
        .await?;
    if purpose == Some(Purpose::SetUp) {
        Ok(())
    } else {
        Err(PageError::LinkOver)
    }
}

/// Somebody else used the link between our two looks at it.
fn link_over(error: PageError) -> PageError {
    match error {
        PageError::NotFound => PageError::LinkOver,
        other => other,
    }
}
