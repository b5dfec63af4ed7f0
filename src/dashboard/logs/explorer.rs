//! Every call with the keys of a workspace, or of the account, to be searched.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;
use diesel::PgConnection;

use crate::dashboard::as_of;
use crate::dashboard::error::PageError;
use crate::dashboard::exposed;
use crate::dashboard::html::Html;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::logs::address::LogAddress;
use crate::dashboard::logs::address::TIME_BOX;
use crate::dashboard::logs::base::Base;
use crate::dashboard::logs::block::LogBlock;
use crate::dashboard::logs::chips;
use crate::dashboard::logs::chips::Failures;
use crate::dashboard::logs::scope::PAGE_ROWS;
use crate::dashboard::logs::scope::Scope;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::support::summary;
use crate::dashboard::support::summary::Summary;
use crate::dashboard::support::visit::Visit;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::api_keys::LogChoices;
use crate::db::log_gaps;
use crate::db::log_gaps::LogGap;
use crate::db::request_log;
use crate::db::request_log::LogPage;
use crate::db::request_log::LogQuery;
use crate::db::workspaces;
use crate::domain::account::WorkspaceId;
use crate::domain::clock::SharedClock;
use crate::domain::right::Reach;
use crate::domain::right::Right;

#[derive(Template)]
#[template(path = "logs/explorer.html")]
struct ExplorerPage {
    page: PageContext,
    /// Whose keys' calls these are.
    whose: String,
    log: LogBlock,
    log_kept_days: u16,
    may_export: bool,
    /// Whether a file holds the calls of the person's own keys only.
    exports_own: bool,
    /// What support staff put into a ticket.
    summary: Option<Summary>,
}

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let here = urls::logs_in(&place.root());
    if let Some(answer) = exposed::answer(&place.person, &request, (&settings, &here))? {
        return Ok(answer);
    }
    let scope = Scope::of_workspace(&place)?;
    let log = read((&db, &clock), &settings, &scope, (&request, here)).await?;
    let page = ExplorerPage {
        page: place.page(Section::Logs)?,
        whose: place.workspace.name.clone(),
        summary: place
            .person
            .visit()
            .map(|visit| summary::of_log(visit, &place.workspace.name, &log, clock.now())),
        log,
        log_kept_days: scope.kept.days(),
        may_export: scope.reader.exports != Reach::Nothing,
        exports_own: scope.reader.exports == Reach::Own,
    };
    Ok(page.answer(&request))
}

/// Of all workspaces of the account.
pub async fn account(
    person: SignedIn,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let here = person
        .visit()
        .map_or_else(|| urls::ACCOUNT_LOGS.to_owned(), Visit::logs_url);
    if let Some(answer) = exposed::answer(&person, &request, (&settings, &here))? {
        return Ok(answer);
    }
    let scope = all_of(&person, &db, clock.now()).await?;
    let scope = match person.visit() {
        Some(visit) => scope.seen_by(visit),
        None => scope,
    };
    let log = read((&db, &clock), &settings, &scope, (&request, here)).await?;
    let page = person.page_outside(Section::AccountLogs)?;
    let whose = page.account.name.clone();
    let summary = person
        .visit()
        .map(|visit| summary::of_log(visit, &whose, &log, clock.now()));
    let page = ExplorerPage {
        page,
        whose,
        summary,
        log,
        log_kept_days: scope.kept.days(),
        may_export: scope.reader.exports != Reach::Nothing,
        exports_own: false,
    };
    Ok(page.answer(&request))
}

/// The log of all workspaces of the person's account.
pub(super) async fn all_of(
    person: &SignedIn,
    db: &Db,
    now: DateTime<Utc>,
) -> Result<Scope, PageError> {
    let account = person.membership()?.account;
    let all = db
        .run(move |conn| workspaces::list(conn, account, now))
        .await?;
    Scope::of_account(person, all)
}

impl ExplorerPage {
    /// Whether the reader sets for how long calls are kept.
    fn may_shorten(&self) -> bool {
        self.page.account.may(Right::SetLogRetention)
    }

    /// Of the account's log only a reload shows what is new.
    fn tail_url(&self) -> Option<String> {
        let url = self.log.tail_url();
        url.filter(|_| !self.log.columns.workspaces && self.page.support.is_none())
    }

    fn answer(self, request: &HttpRequest) -> HttpResponse {
        let status = if self.log.errors().is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        Html(status, self).respond_to(request)
    }
}

/// The page of the log that `request` asks for.
async fn read(
    (db, clock): (&Db, &SharedClock),
    settings: &KeySettings,
    scope: &Scope,
    (request, path): (&HttpRequest, String),
) -> Result<LogBlock, PageError> {
    let now = clock.now();
    let address = LogAddress::parse(request.query_string(), scope.takes(), now);
    let (query, all) = (scope.query(&address, PAGE_ROWS, now), scope.ids());
    let read = db.read(move |conn| find(conn, &query, &all)).await?;
    let found = read.found;
    let base = Base { path, fragment: "" };
    let unused = !found.choices.used;
    Ok(LogBlock::new((address, base), found.page, scope, now)
        .with_choices(found.choices)
        .with_failures(found.failures, now)
        .with_missing(as_of::words(read.behind), &found.gaps)
        .with_places(scope)
        .with_curl(unused.then(|| settings.curl())))
}

struct Found {
    choices: LogChoices,
    /// None if it could not be read, which is said in its place.
    page: Option<LogPage>,
    failures: Option<Failures>,
    gaps: Vec<LogGap>,
}

fn find(conn: &mut PgConnection, query: &LogQuery, all: &[WorkspaceId]) -> Result<Found, DbError> {
    let failures = chips::asked(query).map(|of| chips::count(conn, &of));
    Ok(Found {
        choices: api_keys::log_choices(conn, query.account, all, &query.filter.keys)?,
        page: request_log::search(conn, query, TIME_BOX).ok(),
        gaps: log_gaps::between(conn, query.from, query.to)?,
        failures: failures.transpose().ok().flatten().flatten(),
    })
}
