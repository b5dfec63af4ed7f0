//! An audit log as a file: exactly what its filter finds, batch by batch. Taking it is itself in
//! the log.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::Bytes;
use actix_web::web::ThinData;
use chrono::DateTime;
use chrono::Utc;
use serde_json::json;

use crate::dashboard::audit::address::AuditAddress;
use crate::dashboard::audit::file;
use crate::dashboard::audit::scope::Scope;
use crate::dashboard::csv;
use crate::dashboard::error::PageError;
use crate::dashboard::file::BATCH_ROWS;
use crate::dashboard::file::Broken;
use crate::dashboard::file::Format;
use crate::dashboard::file::MISREAD;
use crate::dashboard::file::ROWS_MAX;
use crate::dashboard::file::batches;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::signed_in::SignedIn;
use crate::db::Db;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::audit_log::search;
use crate::db::audit_log::search::AuditOf;
use crate::db::audit_log::search::AuditPage;
use crate::db::audit_log::search::AuditQuery;
use crate::domain::audit::Action;
use crate::domain::clock::SharedClock;

type Parts = (ThinData<Db>, ThinData<SharedClock>);

pub async fn workspace_csv(
    place: InWorkspace,
    request: HttpRequest,
    parts: Parts,
) -> Result<HttpResponse, PageError> {
    let scope = |_: &AuditAddress| Ok(Scope::of_workspace(&place));
    answer(&place.person, &request, (&parts, Format::Csv), scope).await
}

pub async fn workspace_jsonl(
    place: InWorkspace,
    request: HttpRequest,
    parts: Parts,
) -> Result<HttpResponse, PageError> {
    let scope = |_: &AuditAddress| Ok(Scope::of_workspace(&place));
    answer(&place.person, &request, (&parts, Format::Jsonl), scope).await
}

pub async fn account_csv(
    person: SignedIn,
    request: HttpRequest,
    parts: Parts,
) -> Result<HttpResponse, PageError> {
    let scope = |_: &AuditAddress| Scope::of_account(&person);
    answer(&person, &request, (&parts, Format::Csv), scope).await
}

pub async fn account_jsonl(
    person: SignedIn,
    request: HttpRequest,
    parts: Parts,
) -> Result<HttpResponse, PageError> {
    let scope = |_: &AuditAddress| Scope::of_account(&person);
    answer(&person, &request, (&parts, Format::Jsonl), scope).await
}

pub async fn operator_csv(
    area: OperatorArea,
    request: HttpRequest,
    parts: Parts,
) -> Result<HttpResponse, PageError> {
    let scope = |address: &AuditAddress| Ok(Scope::of_operator(address.everything));
    answer(&area.person, &request, (&parts, Format::Csv), scope).await
}

pub async fn operator_jsonl(
    area: OperatorArea,
    request: HttpRequest,
    parts: Parts,
) -> Result<HttpResponse, PageError> {
    let scope = |address: &AuditAddress| Ok(Scope::of_operator(address.everything));
    answer(&area.person, &request, (&parts, Format::Jsonl), scope).await
}

async fn answer(
    person: &SignedIn,
    request: &HttpRequest,
    ((db, clock), format): (&Parts, Format),
    scope: impl FnOnce(&AuditAddress) -> Result<Scope, PageError>,
) -> Result<HttpResponse, PageError> {
    person.require_recent(request)?;
    let now = clock.now();
    let address = AuditAddress::parse(request.query_string(), now);
    if !address.errors.is_empty() {
        return Err(PageError::Conflict(MISREAD.to_owned()));
    }
    let scope = scope(&address)?;
    let query = AuditQuery {
        before: None,
        ..address.query(scope.of, BATCH_ROWS, now)
    };
    note(person, db, now, (&scope, format, request.query_string())).await?;
    let day = |at: DateTime<Utc>| at.format("%Y-%m-%d").to_string();
    let (from, to) = (day(query.from), day(query.to));
    let name = format!("audit-{}-{from}-{to}.{}", scope.name, format.name());
    let db = match scope.of {
        AuditOf::Account(account) | AuditOf::Workspace(account, _) => db.of(account),
        AuditOf::Everything | AuditOf::Operator => db.0.clone(),
    };
    let export = Export {
        db,
        query,
        format,
        written: 0,
        begins: true,
    };
    Ok(csv::download_as(
        &name,
        format.content_type(),
        batches(export, Export::batch),
    ))
}

async fn note(
    person: &SignedIn,
    db: &Db,
    now: DateTime<Utc>,
    (scope, format, filter): (&Scope, Format, &str),
) -> Result<(), PageError> {
    let (actor, of) = (person.actor(), scope.of);
    let label = scope.whose.clone();
    let facts = json!({"filter": filter, "format": format.name()});
    db.run(move |conn| {
        let target = Target {
            kind: "audit-log",
            id: "export",
            label: &label,
        };
        let entry = AuditEntry::new(Action::AuditExported, target).after(facts);
        let entry = match of {
            AuditOf::Workspace(account, workspace) => entry.in_workspace(account, workspace),
            AuditOf::Account(account) => entry.in_account(Some(account)),
            AuditOf::Everything | AuditOf::Operator => entry,
        };
        audit_log::insert(conn, &actor, now, &entry)
    })
    .await?;
    Ok(())
}

struct Export {
    db: Db,
    query: AuditQuery,
    format: Format,
    written: usize,
    begins: bool,
}

impl Export {
    async fn batch(mut self) -> Result<(Bytes, Option<Self>), Broken> {
        let page = self.read().await?;
        let bytes = file::lines(self.format, &page.rows, self.begins)?;
        self.begins = false;
        self.written += page.rows.len();
        self.query.before = page.older;
        Ok((bytes, page.older.map(|_| self)))
    }

    /// A file that breaks off is noticed by whoever loads it; here only why.
    async fn read(&self) -> Result<AuditPage, Broken> {
        let query = self.query.clone();
        let page = self
            .db
            .run(move |conn| search::search(conn, &query))
            .await
            .inspect_err(|error| tracing::error!(%error, "an export of the audit log broke off"))?;
        if self.written + page.rows.len() > ROWS_MAX {
            tracing::warn!("an export of the audit log broke off: there are too many rows");
            return Err("there are too many entries for one file".into());
        }
        Ok(page)
    }
}
