//! `/w/{w}/members`: who may open the workspace, and as what.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::members::roster::Asked;
use crate::dashboard::members::roster::Roster;
use crate::dashboard::members::words;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::members::ListedMember;
use crate::domain::clock::SharedClock;
use crate::domain::right::Right;
use crate::domain::role::AccountRole;
use crate::domain::role::WorkspaceRole;

#[derive(Template)]
#[template(path = "members/workspace.html")]
struct MembersPage {
    page: PageContext,
    roster: Roster,
    /// Whether who looks gives the roles here; else they see names and roles only.
    manages: bool,
    lines: Vec<Line>,
}

struct Line {
    url: String,
    name: String,
    email: String,
    you: bool,
    role: &'static str,
    /// Where the role comes from, if not from this workspace.
    by: &'static str,
    keys: String,
    keys_url: Option<String>,
    last_active: Option<Moment>,
}

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
) -> Result<HttpResponse, PageError> {
    let manages = place.workspace.role.may(Right::SetWorkspaceRoles);
    let asked = Asked::of(&request)?;
    let of = (place.account, Some(place.workspace.id));
    let here = (urls::members(&place.workspace.slug), manages);
    let mut roster = Roster::read(&db, asked, of, here).await?;
    let now = clock.now();
    let people = std::mem::take(&mut roster.people).into_iter();
    let page = MembersPage {
        page: place.page(Section::Members)?,
        manages,
        lines: people.map(|one| Line::new(&place, one, now)).collect(),
        roster,
    };
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

impl MembersPage {
    fn search_label(&self) -> &'static str {
        if self.manages {
            "Name or address"
        } else {
            "Name"
        }
    }
}

impl Line {
    fn new(place: &InWorkspace, member: ListedMember, now: DateTime<Utc>) -> Self {
        let role = member.role.everywhere().or(member.workspace_role);
        let keys_url = (member.keys > 0 && place.workspace.developers)
            .then(|| urls::keys_of(&place.workspace.slug, member.id));
        Self {
            url: urls::member(&place.workspace.slug, member.id),
            you: member.id == place.person.viewer.id,
            role: words::in_workspace(role.unwrap_or(WorkspaceRole::Viewer)),
            by: match member.role {
                AccountRole::Owner => "as owner of the account",
                AccountRole::Admin => "as admin of the account",
                AccountRole::Member => "",
            },
            keys: number::grouped(member.keys),
            keys_url,
            last_active: member.last_active_at.map(|at| Moment::new(at, now)),
            name: member.name,
            email: member.email,
        }
    }
}
