//! `/w/{w}/members/{m}`: one person of the account in one workspace.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;

use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::members::person_in;
use crate::dashboard::members::words;
use crate::dashboard::members::words::RoleChoice;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::members;
use crate::domain::clock::SharedClock;
use crate::domain::role::WorkspaceRole;

#[derive(Template)]
#[template(path = "members/person_here.html")]
struct PersonPage {
    page: PageContext,
    name: String,
    email: String,
    you: bool,
    role: Option<WorkspaceRole>,
    /// "owner of Acme" where the role comes from there and is not changed here.
    by: Option<String>,
    last_active: Option<Moment>,
    keys: String,
    keys_url: Option<String>,
    choices: Vec<RoleChoice>,
    url: String,
    back_url: String,
    /// The page of the person in the account, for those who may see it.
    account_url: Option<String>,
}

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
) -> Result<HttpResponse, PageError> {
    let (id, now) = (person_in(&request)?, clock.now());
    let here = (place.account, Some(place.workspace.id));
    let member = db
        .run(move |conn| members::find(conn, here, id, now))
        .await?;
    let (slug, membership) = (&place.workspace.slug, place.person.membership()?);
    let by = member.role.everywhere().map(|_| {
        let account = &membership.account_name;
        format!("{} of {account}", member.role.as_str())
    });
    let page = PersonPage {
        page: place.page(Section::Members)?,
        you: id == place.person.viewer.id,
        role: member.role_here(),
        choices: if by.is_none() {
            WorkspaceRole::ALL.map(words::workspace_choice).into()
        } else {
            Vec::new()
        },
        by,
        last_active: member.last_active_at.map(|at| Moment::new(at, now)),
        keys: number::counted(member.keys, "key", "keys"),
        keys_url: (member.keys > 0 && place.workspace.developers).then(|| urls::keys_of(slug, id)),
        url: urls::member(slug, id),
        back_url: urls::members(slug),
        account_url: membership
            .may_manage_members()
            .then(|| urls::account_member(id)),
        name: member.name,
        email: member.email,
    };
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

impl PersonPage {
    fn role_words(&self) -> &'static str {
        self.role.map_or("None", words::in_workspace)
    }

    fn slug(&self) -> &'static str {
        self.role.map_or("", WorkspaceRole::as_str)
    }
}
