//! An account as support staff see it: what it is, its workspaces, its people. Read only.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;
use diesel::PgConnection;

use crate::dashboard::error::PageError;
use crate::dashboard::html::Unkept;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::plan::card::PlanCard;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::support::SupportPage;
use crate::dashboard::support::summary;
use crate::dashboard::support::summary::Summary;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::DbError;
use crate::db::accounts;
use crate::db::accounts::OperatedAccount;
use crate::db::members;
use crate::db::members::ListedMember;
use crate::db::members::MemberFilter;
use crate::db::plan_usage;
use crate::db::plan_usage::PlanUsage;
use crate::db::workspaces;
use crate::db::workspaces::ListedWorkspace;
use crate::domain::account::AccountId;
use crate::domain::clock::SharedClock;

/// People that are listed; of more the number is told.
const PEOPLE_SHOWN: i64 = 50;

#[derive(Template)]
#[template(path = "support/account.html")]
struct AccountPage {
    page: PageContext,
    account: OperatedAccount,
    now: DateTime<Utc>,
    plan: Option<PlanCard>,
    workspaces: Vec<WorkspaceLine>,
    people: Vec<PersonLine>,
    /// In words, where not all are listed.
    more_people: String,
    logs_url: String,
    summary: Option<Summary>,
}

pub struct WorkspaceLine {
    pub name: String,
    pub keys: String,
    pub keys_url: String,
    pub logs_url: String,
    pub usage_url: String,
    pub developers: bool,
    pub archived: Option<Moment>,
}

struct PersonLine {
    name: String,
    email: String,
    role: &'static str,
    /// "Staging: developer"
    workspaces: String,
    last_active: Option<Moment>,
}

impl AccountPage {
    fn created(&self) -> Moment {
        Moment::new(self.account.created_at, self.now)
    }

    fn suspended(&self) -> Option<Moment> {
        let at = self.account.suspended_at;
        at.map(|at| Moment::new(at, self.now))
    }

    fn answers(&self) -> &'static str {
        match self.account.error_profile.as_str() {
            "standard" => "Problem JSON (standard)",
            _ => "As documented",
        }
    }

    fn refused(&self) -> String {
        let kinds = self.account.refused_credentials.iter().flatten();
        kinds.map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
) -> Result<HttpResponse, PageError> {
    let now = clock.now();
    let visit = person.visit().ok_or(PageError::NotFound)?;
    let id = visit.account_id.clone();
    let found = db.run(move |conn| read(conn, &id, now)).await?;
    let workspaces: Vec<WorkspaceLine> = found
        .workspaces
        .into_iter()
        .map(|workspace| workspace_line(workspace, &visit.url(), now))
        .collect();
    let summary = summary::of_account(visit, (&found.account, &found.plan), &workspaces, now);
    let shown = i64::try_from(found.people.len()).unwrap_or(i64::MAX);
    let more = found.people_count - shown;
    let page = AccountPage {
        page: person.page_outside(Section::Support(SupportPage::Account))?,
        plan: PlanCard::new(
            found.plan,
            &found.account.name,
            Some(visit.usage_url()),
            now,
        ),
        account: found.account,
        now,
        workspaces,
        people: found
            .people
            .into_iter()
            .map(|member| person_line(member, now))
            .collect(),
        more_people: match more {
            more if more > 0 => format!("And {} more.", number::grouped(more)),
            _ => String::new(),
        },
        logs_url: visit.logs_url(),
        summary: Some(summary),
    };
    Ok(Unkept(StatusCode::OK, page).respond_to(&request))
}

struct Found {
    account: OperatedAccount,
    plan: PlanUsage,
    workspaces: Vec<ListedWorkspace>,
    people: Vec<ListedMember>,
    people_count: i64,
}

fn read(conn: &mut PgConnection, id: &str, now: DateTime<Utc>) -> Result<Found, DbError> {
    let account = accounts::find(conn, id)?;
    let of = AccountId(account.id);
    let everybody = MemberFilter {
        account: of,
        workspace: None,
        search: String::new(),
        by_address: false,
    };
    Ok(Found {
        plan: plan_usage::of_account(conn, of, now)?,
        workspaces: workspaces::list(conn, of, now)?,
        people: members::list(conn, &everybody, None, PEOPLE_SHOWN)?,
        people_count: members::count(conn, &everybody)?,
        account,
    })
}

fn workspace_line(workspace: ListedWorkspace, url: &str, now: DateTime<Utc>) -> WorkspaceLine {
    let root = format!("{url}/w/{}", workspace.slug);
    WorkspaceLine {
        name: workspace.name,
        keys: number::counted(workspace.keys, "active key", "active keys"),
        keys_url: urls::keys_in(&root),
        logs_url: urls::logs_in(&root),
        usage_url: urls::usage_in(&root),
        developers: workspace.developers,
        archived: workspace.archived_at.map(|at| Moment::new(at, now)),
    }
}

fn person_line(member: ListedMember, now: DateTime<Utc>) -> PersonLine {
    let named: Vec<String> = member
        .workspaces
        .iter()
        .map(|(name, role)| format!("{name}: {}", role.as_str()))
        .collect();
    let shown = i64::try_from(named.len()).unwrap_or(i64::MAX);
    let workspaces = match member.workspace_count - shown {
        more if more > 0 => format!("{} and {more} more", named.join(", ")),
        _ => named.join(", "),
    };
    PersonLine {
        name: member.name,
        email: member.email,
        role: member.role.as_str(),
        workspaces,
        last_active: member.last_active_at.map(|at| Moment::new(at, now)),
    }
}
