//! `/account/workspaces`: all of the account's.

use actix_web::http::StatusCode;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::workspaces;
use crate::dashboard::workspaces::Tools;
use crate::db::workspaces::ListedWorkspace;

#[derive(Template)]
#[template(path = "workspaces/list.html")]
struct ListPage {
    page: PageContext,
    lines: Vec<Line>,
}

struct Line {
    url: String,
    name: String,
    slug: String,
    keys: String,
    people: String,
    developers: bool,
    created: Moment,
    archived: Option<Moment>,
}

impl Line {
    fn new(workspace: ListedWorkspace, now: DateTime<Utc>) -> Self {
        Self {
            url: workspaces::url(&workspace.slug),
            keys: number::grouped(workspace.keys),
            people: number::grouped(workspace.people),
            developers: workspace.developers,
            created: Moment::new(workspace.created_at, now),
            archived: workspace.archived_at.map(|at| Moment::new(at, now)),
            name: workspace.name,
            slug: workspace.slug,
        }
    }
}

pub async fn get(person: SignedIn, (db, clock): Tools) -> Result<Html<impl Template>, PageError> {
    let now = clock.now();
    let all = workspaces::all(&person, &db, now).await?.into_iter();
    let page = ListPage {
        page: person.page_outside(Section::AccountWorkspaces)?,
        lines: all.map(|one| Line::new(one, now)).collect(),
    };
    Ok(Html(StatusCode::OK, page))
}
