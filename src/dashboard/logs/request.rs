//! One request: what is known of it, and how it was decided.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::TimeDelta;
use chrono::Utc;
use form_urlencoded::Serializer;

use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::keys;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::logs::address::LogAddress;
use crate::dashboard::logs::address::TIME_BOX;
use crate::dashboard::logs::curl;
use crate::dashboard::logs::line::duration;
use crate::dashboard::logs::line::words;
use crate::dashboard::logs::scope::Scope;
use crate::dashboard::logs::steps;
use crate::dashboard::logs::steps::StepLine;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::request_log;
use crate::db::request_log::LogRow;
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
        .run(move |conn| request_log::search(conn, &query, TIME_BOX))
        .await?;
    let row = match found.rows.into_iter().next() {
        Some(row) => row,
        None if found.stopped.is_some() => {
            let cause = "the request was not found within the time box";
            return Err(PageError::Unavailable(cause.into()));
        }
        None => return Err(PageError::NotFound),
    };
    let slug = &place.workspace.slug;
    let ip = row.ip.map(|ip| ip.to_string());
    let key = row.key.as_ref().and(row.key_id.parse().ok());
    Ok(Html(
        StatusCode::OK,
        RequestPage {
            page: place.page(Section::Logs)?,
            now,
            logs_url: urls::logs(slug),
            key_url: key.map_or_else(String::new, |id| keys::url(slug, id)),
            ip: ip.filter(|_| scope.reader.sees_address_of(&row)),
            steps: steps::of(&row),
            curl: curl::of(&row, settings.api_url.as_deref()),
            row,
        },
    ))
}

impl RequestPage {
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
