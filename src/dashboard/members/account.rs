//! `/account/members`: everybody of the account.

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
use crate::dashboard::members::invited::InvitationLine;
use crate::dashboard::members::roster::Asked;
use crate::dashboard::members::roster::Roster;
use crate::dashboard::members::words;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::invitations;
use crate::db::members::ListedMember;
use crate::domain::clock::SharedClock;
use crate::domain::person::UserId;

#[derive(Template)]
#[template(path = "members/account.html")]
struct MembersPage {
    page: PageContext,
    roster: Roster,
    lines: Vec<Line>,
    /// On the first page only.
    invitations: Vec<InvitationLine>,
}

struct Line {
    url: String,
    name: String,
    email: String,
    you: bool,
    role: &'static str,
    workspaces: String,
    keys: String,
    last_active: Option<Moment>,
}

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    db: ThinData<Db>,
    clock: ThinData<SharedClock>,
) -> Result<HttpResponse, PageError> {
    let place = (person.membership()?.account, None);
    let asked = Asked::of(&request)?;
    let here = (urls::ACCOUNT_MEMBERS.to_owned(), true);
    let mut roster = Roster::read(&db, asked, place, here).await?;
    let (you, now) = (person.viewer.id, clock.now());
    let account = place.0;
    let open = if roster.first.is_none() && roster.searched.is_empty() {
        db.run(move |conn| invitations::open(conn, account)).await?
    } else {
        Vec::new()
    };
    let open = open.into_iter().map(|one| InvitationLine::new(one, now));
    let people = std::mem::take(&mut roster.people).into_iter();
    let page = MembersPage {
        page: person.page_outside(Section::AccountMembers)?,
        lines: people.map(|one| Line::new(one, you, now)).collect(),
        roster,
        invitations: open.collect(),
    };
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

impl Line {
    fn new(member: ListedMember, you: UserId, now: DateTime<Utc>) -> Self {
        Self {
            url: urls::account_member(member.id),
            you: member.id == you,
            role: words::in_account(member.role),
            workspaces: workspaces(&member),
            keys: number::grouped(member.keys),
            last_active: member.last_active_at.map(|at| Moment::new(at, now)),
            name: member.name,
            email: member.email,
        }
    }
}

/// "Default (developer), Staging (viewer) and 2 more"
fn workspaces(member: &ListedMember) -> String {
    if member.role.everywhere().is_some() {
        return "All, as admin".to_owned();
    }
    let mut named: Vec<String> = member
        .workspaces
        .iter()
        .map(|(name, role)| format!("{name} ({})", role.as_str()))
        .collect();
    let more = member.workspace_count - i64::try_from(named.len()).unwrap_or(i64::MAX);
    if more > 0 {
        named.push(format!("{} more", number::grouped(more)));
    }
    match named.split_last() {
        None => "None".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    }
}
