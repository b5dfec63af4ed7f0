//! One row of the audit log: what was before, what after, and from where.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::web::ThinData;
use askama::Template;
use uuid::Uuid;

use crate::dashboard::audit::diff;
use crate::dashboard::audit::diff::Fact;
use crate::dashboard::audit::line;
use crate::dashboard::audit::line::AuditLine;
use crate::dashboard::audit::scope;
use crate::dashboard::audit::scope::Scope;
use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::page::PageContext;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::audit_log::search;
use crate::domain::clock::SharedClock;

type Parts = (ThinData<Db>, ThinData<SharedClock>);

#[derive(Template)]
#[template(path = "audit/entry.html")]
struct EntryPage {
    page: PageContext,
    scope: Scope,
    line: AuditLine,
    facts: Vec<Fact>,
    /// Whether there is a state before to compare with.
    compares: bool,
    facts_erased: bool,
    target_id: String,
    request_id: String,
    id: String,
}

pub async fn workspace(
    place: InWorkspace,
    request: HttpRequest,
    path: Path<(String, String)>,
    parts: Parts,
) -> Result<HttpResponse, PageError> {
    let scope = Scope::of_workspace(&place);
    let id = &path.1;
    read(
        || scope::workspace_page(&place),
        &request,
        &parts,
        (scope, id),
    )
    .await
}

pub async fn account(
    person: SignedIn,
    request: HttpRequest,
    id: Path<String>,
    parts: Parts,
) -> Result<HttpResponse, PageError> {
    let scope = Scope::of_account(&person)?;
    read(
        || scope::account_page(&person),
        &request,
        &parts,
        (scope, &id),
    )
    .await
}

pub async fn operator(
    area: OperatorArea,
    request: HttpRequest,
    id: Path<String>,
    parts: Parts,
) -> Result<HttpResponse, PageError> {
    let scope = Scope::of_operator(true);
    read(
        || scope::operator_page(&area),
        &request,
        &parts,
        (scope, &id),
    )
    .await
}

async fn read(
    page: impl FnOnce() -> Result<PageContext, PageError>,
    request: &HttpRequest,
    (db, clock): &Parts,
    (scope, id): (Scope, &str),
) -> Result<HttpResponse, PageError> {
    let id = Uuid::parse_str(id).map_err(|_| PageError::NotFound)?;
    let of = scope.of;
    let row = db.run(move |conn| search::entry(conn, of, id)).await?;
    let row = row.ok_or(PageError::NotFound)?;
    let page = EntryPage {
        page: page()?,
        line: AuditLine::new(&row, &scope, clock.now()),
        facts: diff::facts(row.before.as_ref(), row.after.as_ref()),
        compares: row.before.is_some(),
        facts_erased: row.facts_erased,
        target_id: row.target_id,
        request_id: row.request_id.unwrap_or_default(),
        id: id.to_string(),
        scope,
    };
    Ok(Html(StatusCode::OK, page).respond_to(request))
}

impl EntryPage {
    /// Everything that was done to the same thing.
    fn history_url(&self) -> String {
        urls::with_query(&self.scope.path, &line::pair("target", &self.target_id))
    }

    fn title(&self) -> String {
        let AuditLine {
            actor,
            words,
            target,
            ..
        } = &self.line;
        format!("{actor} {words} {target}").trim_end().to_owned()
    }
}
