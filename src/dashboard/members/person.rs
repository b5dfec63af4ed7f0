//! `/account/members/{m}`: one person of the account.

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
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::members;
use crate::db::members::MemberWorkspace;
use crate::domain::clock::SharedClock;
use crate::domain::person::UserId;
use crate::domain::role::AccountRole;
use crate::domain::role::WorkspaceRole;
use crate::domain::viewer::Membership;

/// More workspaces are looked after on their own pages.
const WORKSPACES_MAX: usize = 100;

#[derive(Template)]
#[template(path = "members/person.html")]
struct PersonPage {
    page: PageContext,
    name: String,
    email: String,
    you: bool,
    /// By who looks.
    may_remove: bool,
    role: AccountRole,
    joined: Moment,
    last_active: Option<Moment>,
    keys: String,
    /// Those that may be chosen; empty where the role may not be changed by who looks.
    choices: Vec<RoleChoice>,
    workspaces: Vec<WorkspaceLine>,
    /// Whether there are more workspaces than are listed.
    more: bool,
    url: String,
}

struct WorkspaceLine {
    name: String,
    role: &'static str,
    keys: String,
    /// The person's page there.
    url: String,
}

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
) -> Result<HttpResponse, PageError> {
    let membership = person.membership()?;
    let (account, id, now) = (membership.account, person_in(&request)?, clock.now());
    let most = i64::try_from(WORKSPACES_MAX + 1).unwrap_or(i64::MAX);
    let (member, mut workspaces) = db
        .run(move |conn| {
            let member = members::find(conn, (account, None), id, now)?;
            Ok((member, members::workspaces_of(conn, account, id, most)?))
        })
        .await?;
    let more = workspaces.len() > WORKSPACES_MAX;
    workspaces.truncate(WORKSPACES_MAX);
    let everywhere = member.role.everywhere();
    let page = PersonPage {
        page: person.page_outside(Section::AccountMembers)?,
        you: id == person.viewer.id,
        may_remove: membership.role.may_give(member.role),
        choices: choices(membership, member.role),
        role: member.role,
        joined: Moment::new(member.joined_at, now),
        last_active: member.last_active_at.map(|at| Moment::new(at, now)),
        keys: number::grouped(member.keys),
        workspaces: workspaces
            .into_iter()
            .map(|one| WorkspaceLine::new(one, everywhere, id))
            .collect(),
        more,
        url: urls::account_member(id),
        name: member.name,
        email: member.email,
    };
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

impl PersonPage {
    fn role_words(&self) -> &'static str {
        words::in_account(self.role)
    }
}

fn choices(membership: &Membership, role: AccountRole) -> Vec<RoleChoice> {
    if !membership.role.may_give(role) {
        return Vec::new();
    }
    let offered = AccountRole::ALL.into_iter();
    let offered = offered.filter(|one| membership.role.may_give(*one));
    offered.map(words::account_choice).collect()
}

impl WorkspaceLine {
    fn new(one: MemberWorkspace, everywhere: Option<WorkspaceRole>, id: UserId) -> Self {
        Self {
            role: everywhere.or(one.role).map_or("None", words::in_workspace),
            keys: number::grouped(one.keys),
            url: urls::member(&one.slug, id),
            name: one.name,
        }
    }
}
