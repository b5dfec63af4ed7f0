//! `/account/workspaces/{workspace}`: one of them, and another name for it.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use askama::Template;

use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::dashboard::workspaces;
use crate::dashboard::workspaces::Tools;
use crate::db::workspaces as stored;
use crate::db::workspaces::ListedWorkspace;

#[derive(Template)]
#[template(path = "workspaces/edit.html")]
struct EditPage {
    page: PageContext,
    url: String,
    open_url: String,
    members_url: String,
    workspace: ListedWorkspace,
    archived: Option<Moment>,
    name: String,
    errors: FormErrors,
}

impl EditPage {
    fn new(
        person: &SignedIn,
        workspace: ListedWorkspace,
        (_, clock): &Tools,
    ) -> Result<Self, PageError> {
        let now = clock.now();
        Ok(Self {
            page: person.page_outside(Section::AccountWorkspaces)?,
            url: workspaces::url(&workspace.slug),
            open_url: urls::workspace(&workspace.slug),
            members_url: urls::members(&workspace.slug),
            archived: workspace.archived_at.map(|at| Moment::new(at, now)),
            name: workspace.name.clone(),
            workspace,
            errors: FormErrors::default(),
        })
    }

    fn keys_in_words(&self) -> String {
        number::counted(self.workspace.keys, "key that works", "keys that work")
    }

    fn people_in_words(&self) -> String {
        let people = self.workspace.people;
        number::counted(
            people,
            "person has a role in it",
            "people have a role in it",
        )
    }
}

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    tools: Tools,
) -> Result<Html<impl Template>, PageError> {
    let workspace = workspaces::asked(&person, &request, &tools).await?;
    let page = EditPage::new(&person, workspace, &tools)?;
    Ok(Html(StatusCode::OK, page))
}

pub async fn post(
    person: SignedIn,
    form: Posted,
    request: HttpRequest,
    tools: Tools,
) -> Result<HttpResponse, PageError> {
    let workspace = workspaces::asked(&person, &request, &tools).await?;
    let mut errors = FormErrors::default();
    if let Some(name) = form.parse_with("name", &mut errors, workspaces::name) {
        let place = (person.membership()?.account, workspace.id);
        let (actor, now, wanted) = (person.actor(), tools.1.now(), name.clone());
        let renamed = tools
            .0
            .run(move |conn| stored::rename(conn, &actor, now, place, &wanted))
            .await;
        match renamed {
            Ok(changed) => {
                person.flash(&if changed {
                    Flash::success(format!("{} is called {name} now.", workspace.name))
                } else {
                    Flash::info("Nothing was different.")
                })?;
                return Ok(see_other(&workspaces::url(&workspace.slug)));
            }
            Err(error) => errors.add("name", workspaces::taken(error)?),
        }
    }
    let page = EditPage {
        name: form.get("name").to_owned(),
        errors,
        ..EditPage::new(&person, workspace, &tools)?
    };
    Ok(Html(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(&request))
}
