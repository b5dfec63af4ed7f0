//! Putting a workspace away with its keys, and bringing it back.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use askama::Template;

use crate::dashboard::confirmed;
use crate::dashboard::confirmed::Deed;
use crate::dashboard::confirmed::Effect;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::number;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::dashboard::workspaces;
use crate::dashboard::workspaces::Tools;
use crate::db::confirmation;
use crate::db::workspaces as stored;
use crate::db::workspaces::ListedWorkspace;

#[derive(Template)]
#[template(path = "workspaces/archive.html")]
struct ArchivePage {
    page: PageContext,
    url: String,
    workspace: ListedWorkspace,
    /// The account has no other: it cannot be archived.
    last: bool,
}

impl ArchivePage {
    fn keys_in_words(&self) -> String {
        number::counted(self.workspace.keys, "key works", "keys work")
    }
}

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    tools: Tools,
) -> Result<HttpResponse, PageError> {
    let workspace = workspaces::asked(&person, &request, &tools).await?;
    let url = workspaces::url(&workspace.slug);
    if workspace.archived_at.is_some() {
        return Ok(see_other(&url));
    }
    let all = workspaces::all(&person, &tools.0, tools.1.now()).await?;
    let in_use = all.iter().filter(|one| one.archived_at.is_none()).count();
    let page = ArchivePage {
        page: person.page_outside(Section::AccountWorkspaces)?,
        url,
        workspace,
        last: in_use <= 1,
    };
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

pub async fn post(
    person: SignedIn,
    _form: Posted,
    request: HttpRequest,
    tools: Tools,
) -> Result<HttpResponse, PageError> {
    let workspace = workspaces::asked(&person, &request, &tools).await?;
    let (db, clock) = tools;
    let place = (person.membership()?.account, workspace.id);
    let (actor, now) = (person.actor(), clock.now());
    let archived = db
        .run(move |conn| stored::archive(conn, &actor, now, place))
        .await;
    let name = workspace.name;
    let told = match archived {
        Ok(None) => Flash::info(format!("{name} is archived already.")),
        Ok(Some(archived)) => match archived.seq {
            None => Flash::success(format!("{name} is archived. No key of it worked.")),
            Some(seq) => {
                let confirmation = confirmation::wait_applied(&db, seq).await?;
                let keys = number::counted(archived.keys, "key is", "keys are");
                let deed = Deed {
                    done: format!("{name} is archived and its {keys} disabled"),
                    doing: format!("Disabling the keys of {name}"),
                    effect: Effect::EndsAll,
                };
                confirmed::told(&deed, &confirmation, clock.now())
            }
        },
        Err(error) if error.is_conflict_on(stored::LAST_WORKSPACE) => {
            return Err(PageError::Conflict(format!(
                "{name} is the only workspace there is, so it stays. Nothing was changed."
            )));
        }
        Err(error) => return Err(error.into()),
    };
    person.flash(&told)?;
    Ok(see_other(urls::ACCOUNT_WORKSPACES))
}

pub async fn restore(
    person: SignedIn,
    _form: Posted,
    request: HttpRequest,
    tools: Tools,
) -> Result<HttpResponse, PageError> {
    let workspace = workspaces::asked(&person, &request, &tools).await?;
    let place = (person.membership()?.account, workspace.id);
    let (actor, now) = (person.actor(), tools.1.now());
    let restored = tools
        .0
        .run(move |conn| stored::restore(conn, &actor, now, place))
        .await;
    let name = &workspace.name;
    person.flash(&match restored {
        Ok(true) => Flash::success(format!(
            "{name} is back. Its keys stay disabled until you enable them."
        )),
        Ok(false) => Flash::info(format!("{name} is not archived.")),
        Err(error) => {
            workspaces::taken(error)?;
            Flash::warning(format!(
                "Another workspace is called {name} now. Rename one of the two first."
            ))
        }
    })?;
    Ok(see_other(&workspaces::url(&workspace.slug)))
}
