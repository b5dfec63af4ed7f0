//! Every call with the keys of a workspace, or of the account, to be searched.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use diesel::PgConnection;

use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::logs::address::LogAddress;
use crate::dashboard::logs::address::TIME_BOX;
use crate::dashboard::logs::base::Base;
use crate::dashboard::logs::block::LogBlock;
use crate::dashboard::logs::exposed;
use crate::dashboard::logs::scope::PAGE_ROWS;
use crate::dashboard::logs::scope::Scope;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::api_keys::LogChoices;
use crate::db::request_log;
use crate::db::request_log::LogPage;
use crate::db::request_log::LogQuery;
use crate::domain::account::WorkspaceId;
use crate::domain::clock::SharedClock;

#[derive(Template)]
#[template(path = "logs/explorer.html")]
struct ExplorerPage {
    page: PageContext,
    /// Whose keys' calls these are.
    whose: String,
    log: LogBlock,
    log_kept_days: u16,
}

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let here = urls::logs(&place.workspace.slug);
    if let Some(answer) = exposed::answer(&place.person, &request, (&settings, &here))? {
        return Ok(answer);
    }
    let scope = Scope::of_workspace(&place);
    let log = read((&db, &clock), &settings, &scope, (&request, here)).await?;
    let page = ExplorerPage {
        page: place.page(Section::Logs)?,
        whose: place.workspace.name.clone(),
        log,
        log_kept_days: settings.promises.log_kept_days,
    };
    Ok(page.answer(&request))
}

impl ExplorerPage {
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
    let (choices, found) = db.run(move |conn| find(conn, &query, &all)).await?;
    let base = Base { path, fragment: "" };
    let unused = !choices.used;
    Ok(LogBlock::new((address, base), found, scope, now)
        .with_choices(choices)
        .with_curl(unused.then(|| settings.curl())))
}

/// A log that cannot be read is said in its place.
fn find(
    conn: &mut PgConnection,
    query: &LogQuery,
    all: &[WorkspaceId],
) -> Result<(LogChoices, Option<LogPage>), DbError> {
    let choices = api_keys::log_choices(conn, query.account, all, &query.filter.keys)?;
    Ok((choices, request_log::search(conn, query, TIME_BOX).ok()))
}
