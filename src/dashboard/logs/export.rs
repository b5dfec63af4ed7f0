//! A log as a file: exactly what its filter finds, batch by batch, so that it takes the same memory
//! however many calls there are.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::Bytes;
use actix_web::web::ThinData;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::csv;
use crate::dashboard::error::PageError;
use crate::dashboard::exposed;
use crate::dashboard::file::BATCH_ROWS;
use crate::dashboard::file::Broken;
use crate::dashboard::file::Format;
use crate::dashboard::file::MISREAD;
use crate::dashboard::file::ROWS_MAX;
use crate::dashboard::file::batches;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::logs::address::LogAddress;
use crate::dashboard::logs::explorer::all_of;
use crate::dashboard::logs::file;
use crate::dashboard::logs::scope::Scope;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::request_log;
use crate::db::request_log::Direction;
use crate::db::request_log::LogCursor;
use crate::db::request_log::LogExport;
use crate::db::request_log::LogPage;
use crate::db::request_log::LogQuery;
use crate::domain::clock::SharedClock;
use crate::domain::right::Reach;

/// Of one batch. A search that is stopped goes on from there.
const TIME_BOX: Duration = Duration::from_secs(10);

type Parts = (ThinData<Db>, ThinData<SharedClock>, ThinData<KeySettings>);

pub async fn csv(
    place: InWorkspace,
    request: HttpRequest,
    parts: Parts,
) -> Result<HttpResponse, PageError> {
    of_workspace(&place, &request, (parts, Format::Csv)).await
}

pub async fn jsonl(
    place: InWorkspace,
    request: HttpRequest,
    parts: Parts,
) -> Result<HttpResponse, PageError> {
    of_workspace(&place, &request, (parts, Format::Jsonl)).await
}

pub async fn account_csv(
    person: SignedIn,
    request: HttpRequest,
    parts: Parts,
) -> Result<HttpResponse, PageError> {
    of_account(&person, &request, (parts, Format::Csv)).await
}

pub async fn account_jsonl(
    person: SignedIn,
    request: HttpRequest,
    parts: Parts,
) -> Result<HttpResponse, PageError> {
    of_account(&person, &request, (parts, Format::Jsonl)).await
}

async fn of_workspace(
    place: &InWorkspace,
    request: &HttpRequest,
    (parts, format): (Parts, Format),
) -> Result<HttpResponse, PageError> {
    let slug = place.workspace.slug.clone();
    let here = (urls::logs(&slug), slug);
    let scope = Scope::of_workspace(place)?;
    answer((&place.person, scope), request, (parts, format), here).await
}

async fn of_account(
    person: &SignedIn,
    request: &HttpRequest,
    (parts, format): (Parts, Format),
) -> Result<HttpResponse, PageError> {
    let scope = all_of(person, &parts.0, parts.1.now()).await?;
    let here = (urls::ACCOUNT_LOGS.to_owned(), "all".to_owned());
    answer((person, scope), request, (parts, format), here).await
}

async fn answer(
    (person, scope): (&SignedIn, Scope),
    request: &HttpRequest,
    ((db, clock, settings), format): (Parts, Format),
    (log_url, name): (String, String),
) -> Result<HttpResponse, PageError> {
    person.require_recent(request)?;
    if let Some(answer) = exposed::answer(person, request, (&settings, &log_url))? {
        return Ok(answer);
    }
    let now = clock.now();
    let address = LogAddress::parse(request.query_string(), scope.takes(), now);
    let misread = !address.errors.is_empty() || !address.notices.is_empty();
    if misread {
        return Err(PageError::Conflict(MISREAD.to_owned()));
    }
    let mut query = scope.query(&address, BATCH_ROWS, now);
    query.direction = Direction::Newest;
    if scope.reader.exports == Reach::Own {
        query.filter.owner = Some(scope.reader.person);
    }
    let (actor, first) = (person.actor(), query.clone());
    let workspace = (!scope.is_account).then(|| scope.places.first().map(|place| place.id));
    let told = request.query_string().to_owned();
    db.run(move |conn| {
        let export = LogExport {
            account: first.account,
            workspace: workspace.flatten(),
            filter: &told,
            format: format.name(),
            times: (first.from, first.to),
        };
        request_log::note_export(conn, &actor, now, &export)
    })
    .await?;
    let day = |at: DateTime<Utc>| at.format("%Y-%m-%d").to_string();
    let (from, to) = (day(query.from), day(query.to));
    let file = format!("logs-{name}-{from}-{to}.{}", format.name());
    let export = Export {
        db: db.of(scope.account),
        query,
        scope,
        format,
        written: 0,
        begins: true,
    };
    Ok(csv::download_as(
        &file,
        format.content_type(),
        batches(export, Export::batch),
    ))
}

struct Export {
    db: Db,
    query: LogQuery,
    scope: Scope,
    format: Format,
    written: usize,
    begins: bool,
}

impl Export {
    async fn batch(mut self) -> Result<(Bytes, Option<Self>), Broken> {
        let page = self.read().await?;
        let bytes = file::lines(self.format, (&page.rows, self.begins), &self.scope)?;
        self.begins = false;
        self.written += page.rows.len();
        let place = match (page.rows.last().filter(|_| page.has_older), page.stopped) {
            (Some(last), _) => LogCursor {
                at: last.at,
                request_id: last.request_id.clone(),
            },
            (None, Some(stopped)) => LogCursor {
                at: stopped.at,
                request_id: String::new(),
            },
            (None, None) => return Ok((bytes, None)),
        };
        self.query.direction = Direction::OlderThan(place);
        Ok((bytes, Some(self)))
    }

    /// A file that breaks off is noticed by whoever loads it; here only why.
    async fn read(&self) -> Result<LogPage, Broken> {
        let query = self.query.clone();
        let page = self
            .db
            .read(move |conn| request_log::search(conn, &query, TIME_BOX))
            .await
            .inspect_err(|error| tracing::error!(%error, "an export of calls broke off"))?
            .found;
        if page.stopped.is_some_and(|stopped| !stopped.came_on) {
            tracing::error!("an export of calls broke off: a search came nowhere");
            return Err("the search came nowhere".into());
        }
        if self.written + page.rows.len() > ROWS_MAX {
            tracing::warn!("an export of calls broke off: there are too many");
            return Err("there are too many calls for one file".into());
        }
        Ok(page)
    }
}
