//! One request: what is known of it, and how it was decided.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::PgConnection;
use form_urlencoded::Serializer;

use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::keys;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::keys::status::StatusBadge;
use crate::dashboard::logs::address::LogAddress;
use crate::dashboard::logs::address::TIME_BOX;
use crate::dashboard::logs::curl;
use crate::dashboard::logs::line::duration;
use crate::dashboard::logs::line::words;
use crate::dashboard::logs::scope::Scope;
use crate::dashboard::logs::state_then;
use crate::dashboard::logs::steps;
use crate::dashboard::logs::steps::StepLine;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::support::summary;
use crate::dashboard::support::summary::OfRequest;
use crate::dashboard::support::summary::Summary;
use crate::dashboard::support::visit::Visit;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::request_log;
use crate::db::request_log::LogQuery;
use crate::db::request_log::LogRow;
use crate::domain::api_key::ApiKey;
use crate::domain::clock::SharedClock;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;
use crate::domain::endpoint::Surface;
use crate::domain::request_id::RequestId;

/// "Around it" is so long before and after.
const AROUND: TimeDelta = TimeDelta::minutes(5);

#[derive(Template)]
#[template(path = "logs/request.html")]
struct RequestPage {
    page: PageContext,
    row: LogRow,
    now: DateTime<Utc>,
    logs_url: String,
    /// Empty for a key that was deleted.
    key_url: String,
    /// For who may know.
    ip: Option<String>,
    steps: Vec<StepLine>,
    curl: Option<String>,
    /// Of the key, at that time and now; `None` for one that was deleted.
    states: Option<(&'static str, String)>,
    /// What support staff put into a ticket.
    summary: Option<Summary>,
}

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
    settings: ThinData<KeySettings>,
) -> Result<Html<impl Template>, PageError> {
    let now = clock.now();
    let id = RequestId::parse(request.match_info().query("r")).ok_or(PageError::NotFound)?;
    let scope = Scope::of_workspace(&place)?;
    let mut address = LogAddress::default();
    address.filter.request = Some(id);
    let query = scope.query(&address, 1, now);
    let found = db
        .run(move |conn| {
            let found = request_log::search(conn, &query, TIME_BOX)?;
            let key = found.rows.first().map(|row| key_of(conn, &query, row));
            Ok((found, key.transpose()?.flatten()))
        })
        .await?;
    let (found, key) = found;
    let row = match found.rows.into_iter().next() {
        Some(row) => row,
        None if found.stopped.is_some() => {
            let cause = "the request was not found within the time box";
            return Err(PageError::Unavailable(cause.into()));
        }
        None => return Err(PageError::NotFound),
    };
    let root = place.root();
    let sight = scope.reader.sight_of(&row);
    let id = row.key.as_ref().and(row.key_id.parse().ok());
    let mut page = RequestPage {
        page: place.page(Section::Logs)?,
        now,
        logs_url: urls::logs_in(&root),
        key_url: id.map_or_else(String::new, |id| keys::url_in(&root, id)),
        ip: row.ip.and_then(|ip| sight.shown(ip)),
        steps: steps::of(&row),
        curl: curl::of(&row, settings.api_url.as_deref()),
        states: key.map(|key| {
            let status = StatusBadge::of(&key.times, None, now);
            (state_then::of(&key, &row), status.text)
        }),
        summary: None,
        row,
    };
    page.summary = place.person.visit().map(|visit| page.summarised(visit));
    Ok(Html(StatusCode::OK, page))
}

/// As it is now; `None` for one that was deleted.
fn key_of(
    conn: &mut PgConnection,
    query: &LogQuery,
    row: &LogRow,
) -> Result<Option<ApiKey>, DbError> {
    let Some(id) = row.key.as_ref().and(row.key_id.parse().ok()) else {
        return Ok(None);
    };
    match api_keys::find(conn, query.account, row.workspace, id) {
        Err(DbError::NotFound) => Ok(None),
        found => found.map(Some),
    }
}

impl RequestPage {
    fn summarised(&self, visit: &Visit) -> Summary {
        let status = self.row.status.map(|status| status.to_string());
        let answer = format!("{} {}", status.unwrap_or_default(), self.words());
        let code = self
            .row
            .denial
            .map(|denial| format!(" ({})", denial.code()));
        let answer = format!("{}{}", answer.trim(), code.unwrap_or_default());
        let state = self.states.as_ref().map_or_else(
            || "Deleted".to_owned(),
            |(then, now)| format!("{then} then, {now} now"),
        );
        let of = OfRequest {
            id: &self.row.request_id,
            at: self.row.at,
            endpoint: &self.endpoint(),
            answer: &answer,
            key: &format!("{} ({})", self.key_name(), self.row.key_id),
            state: &state,
            caller: self.ip.as_deref().unwrap_or_default(),
            steps: &self.steps,
            remedy: self.remedy(),
        };
        summary::of_request(visit, &of, self.now)
    }

    fn at(&self) -> Moment {
        Moment::new(self.row.at, self.now)
    }

    /// "GET /v1/documents"
    fn endpoint(&self) -> String {
        let method = self.row.method.map_or("", Method::as_str);
        format!("{method} {}", self.row.path).trim().to_owned()
    }

    fn words(&self) -> String {
        words(self.row.status, self.row.denial)
    }

    fn duration(&self) -> String {
        let known = self.row.duration_us.map(duration);
        known.unwrap_or_else(|| "Not known".to_owned())
    }

    fn credits(&self) -> String {
        number::grouped(self.row.credits.into())
    }

    /// As it is called now.
    fn key_name(&self) -> &str {
        let now = self.row.key.as_ref().map(|key| key.name.as_str());
        now.unwrap_or(&self.row.key_name)
    }

    /// What it was called then, if that was something else.
    fn key_name_then(&self) -> Option<&str> {
        let then = self.row.key_name.as_str();
        (!then.is_empty() && then != self.key_name()).then_some(then)
    }

    fn category(&self) -> &str {
        let key = self.row.key.as_ref();
        key.map_or("", |key| key.category.as_str())
    }

    fn surface(&self) -> &'static str {
        match self.row.surface {
            Some(Surface::Verify) => "Verify API",
            Some(Surface::ForwardAuth) => "Forward-auth, behind a proxy",
            Some(Surface::Gateway) => "Gateway",
            Some(Surface::OwnKey) => "The key’s own page of the API",
            None => "Not known",
        }
    }

    fn denial(&self) -> Option<DenyReason> {
        self.row.denial
    }

    fn remedy(&self) -> &str {
        let refusing = self.steps.iter().find(|step| !step.remedy.is_empty());
        refusing.map_or("", |step| step.remedy)
    }

    /// An API that was reached and failed itself.
    fn failed_behind(&self) -> Option<u16> {
        let status = self.row.status.filter(|status| *status >= 400);
        status.filter(|_| self.row.denial.is_none())
    }

    /// Calls with the same key about that time.
    fn around_url(&self) -> String {
        let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let query = Serializer::new(String::new())
            .append_pair("range", "custom")
            .append_pair("from", &instant(self.row.at - AROUND))
            .append_pair("to", &instant(self.row.at + AROUND))
            .append_pair("key", &self.row.key_id)
            .finish();
        urls::with_query(&self.logs_url, &query)
    }

    /// Whether it would be allowed now.
    fn explain_url(&self) -> Option<String> {
        let method = self.row.method?;
        let known = !self.key_url.is_empty() && !self.row.path.is_empty();
        let query = Serializer::new(String::new())
            .append_pair("method", method.as_str())
            .append_pair("path", &self.row.path)
            .finish();
        known.then(|| urls::with_query(&format!("{}/explain", self.key_url), &query))
    }
}
