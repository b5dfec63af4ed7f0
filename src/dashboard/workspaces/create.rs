//! `/account/workspaces/new`.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;

use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::dashboard::workspaces;
use crate::dashboard::workspaces::Tools;
use crate::db::workspaces as stored;
use crate::domain::random::SharedRandom;

const TOO_MANY: &str = "An account has at most 500 workspaces, archived ones too.";

#[derive(Template)]
#[template(path = "workspaces/create.html")]
struct CreatePage {
    page: PageContext,
    name: String,
    errors: FormErrors,
}

impl CreatePage {
    fn new(person: &SignedIn, name: &str, errors: FormErrors) -> Result<Self, PageError> {
        Ok(Self {
            page: person.page_outside(Section::AccountWorkspaces)?,
            name: name.to_owned(),
            errors,
        })
    }
}

pub async fn get(person: SignedIn) -> Result<Html<impl Template>, PageError> {
    let page = CreatePage::new(&person, "", FormErrors::default())?;
    Ok(Html(StatusCode::OK, page))
}

pub async fn post(
    person: SignedIn,
    form: Posted,
    request: HttpRequest,
    (db, clock): Tools,
    random: ThinData<SharedRandom>,
) -> Result<HttpResponse, PageError> {
    let mut errors = FormErrors::default();
    if let Some(name) = form.parse_with("name", &mut errors, workspaces::name) {
        let (account, actor, now) = (person.membership()?.account, person.actor(), clock.now());
        let wanted = name.clone();
        let made = db
            .run(move |conn| stored::create_named(conn, &actor, now, &**random, (account, &wanted)))
            .await;
        match made {
            Ok(slug) => {
                let told = format!("{name} is there. Give people a role in it under its members.");
                let flash = Flash::success(told).with_link(urls::members(&slug), "Members");
                person.flash(&flash)?;
                return Ok(see_other(&urls::workspace(&slug)));
            }
            Err(error) if error.is_conflict_on(stored::TOO_MANY) => errors.add("", TOO_MANY),
            Err(error) => errors.add("name", workspaces::taken(error)?),
        }
    }
    let page = CreatePage::new(&person, form.get("name"), errors)?;
    Ok(Html(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(&request))
}
