//! `/w/{w}/audit`, `/account/audit`, `/operator/audit`

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;

use crate::dashboard::audit::address::AuditAddress;
use crate::dashboard::audit::line::AuditLine;
use crate::dashboard::audit::scope;
use crate::dashboard::audit::scope::Scope;
use crate::dashboard::error::PageError;
use crate::dashboard::exposed;
use crate::dashboard::html::Html;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::page::PageContext;
use crate::dashboard::range::RANGES;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::signed_in::SignedIn;
use crate::db::Db;
use crate::db::audit_log::search;
use crate::db::audit_log::search::AuditCursor;
use crate::db::audit_log::search::AuditPage;
use crate::domain::audit::group::Group;
use crate::domain::clock::SharedClock;

const PAGE_ROWS: u16 = 50;

type Parts = (ThinData<Db>, ThinData<SharedClock>, ThinData<KeySettings>);

#[derive(Template)]
#[template(path = "audit/list.html")]
struct ListPage {
    page: PageContext,
    scope: Scope,
    address: AuditAddress,
    lines: Vec<AuditLine>,
    older: Option<AuditCursor>,
    /// How far back the search came, if it stopped before it had enough.
    searched_back: Option<Moment>,
}

pub async fn workspace(
    place: InWorkspace,
    request: HttpRequest,
    parts: Parts,
) -> Result<HttpResponse, PageError> {
    let scope = Scope::of_workspace(&place);
    if let Some(answer) = exposed::answer(&place.person, &request, (&parts.2, &scope.path))? {
        return Ok(answer);
    }
    let page = || scope::workspace_page(&place);
    read(page, &request, &parts, |_| scope).await
}

pub async fn account(
    person: SignedIn,
    request: HttpRequest,
    parts: Parts,
) -> Result<HttpResponse, PageError> {
    let scope = Scope::of_account(&person)?;
    if let Some(answer) = exposed::answer(&person, &request, (&parts.2, &scope.path))? {
        return Ok(answer);
    }
    read(|| scope::account_page(&person), &request, &parts, |_| scope).await
}

pub async fn operator(
    area: OperatorArea,
    request: HttpRequest,
    parts: Parts,
) -> Result<HttpResponse, PageError> {
    let path = Scope::of_operator(false).path;
    if let Some(answer) = exposed::answer(&area.person, &request, (&parts.2, &path))? {
        return Ok(answer);
    }
    let scope = |address: &AuditAddress| Scope::of_operator(address.everything);
    read(|| scope::operator_page(&area), &request, &parts, scope).await
}

async fn read(
    page: impl FnOnce() -> Result<PageContext, PageError>,
    request: &HttpRequest,
    (db, clock, _): &Parts,
    scope: impl FnOnce(&AuditAddress) -> Scope,
) -> Result<HttpResponse, PageError> {
    let now = clock.now();
    let address = AuditAddress::parse(request.query_string(), now);
    let scope = scope(&address);
    let found = if address.errors.is_empty() {
        let query = address.query(scope.of, PAGE_ROWS, now);
        db.run(move |conn| search::search(conn, &query)).await?
    } else {
        AuditPage::default()
    };
    let status = if address.errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let back = found.older.filter(|_| found.stopped);
    let lines = found.rows.iter();
    let page = ListPage {
        page: page()?,
        lines: lines.map(|row| AuditLine::new(row, &scope, now)).collect(),
        older: found.older,
        searched_back: back.map(|cursor| Moment::new(cursor.at, now)),
        scope,
        address,
    };
    Ok(Html(status, page).respond_to(request))
}

impl ListPage {
    fn groups(&self) -> Vec<(&'static str, &'static str, bool)> {
        let groups = Group::all().filter(|group| !group.codes().is_empty());
        groups
            .filter(|group| self.scope.is_operator() || *group != Group::Installation)
            .map(|group| {
                (
                    group.slug(),
                    group.label(),
                    self.address.group == Some(group),
                )
            })
            .collect()
    }

    fn ranges(&self) -> Vec<(&'static str, &'static str, bool)> {
        let chosen = self.address.range.slug();
        let range = |(slug, label, _)| (slug, label, slug == chosen);
        let mut ranges: Vec<_> = RANGES.into_iter().map(range).collect();
        if self.address.is_custom() {
            ranges.push(("custom", "Custom", true));
        }
        ranges
    }

    fn active(&self) -> Vec<(String, String)> {
        self.address.active(&self.scope.path)
    }

    fn older_url(&self) -> Option<String> {
        let older = self.older?;
        Some(self.address.url(&self.scope.path, Some(older)))
    }

    /// The first page again, from a later one.
    fn newest_url(&self) -> Option<String> {
        self.address.before?;
        Some(self.address.url(&self.scope.path, None))
    }

    fn file_url(&self, format: &str) -> String {
        let path = format!("{}.{format}", self.scope.path);
        self.address.url(&path, None)
    }

    fn count_words(&self) -> String {
        let count = i64::try_from(self.lines.len()).unwrap_or(i64::MAX);
        number::counted(count, "entry", "entries")
    }

    fn caption(&self) -> String {
        format!("Changes in {}", self.scope.whose)
    }

    /// What was looked at when nothing was found.
    fn nothing(&self) -> (String, String) {
        match &self.searched_back {
            Some(back) => (
                format!("Nothing back to {}", back.at()),
                "The search stopped there, before the end of the range.".to_owned(),
            ),
            None if self.address.is_narrow() => (
                "Nothing matches".to_owned(),
                "No entry in this range has these filters.".to_owned(),
            ),
            None if self.address.is_custom() => (
                "Nothing in this range".to_owned(),
                "Choose a longer range.".to_owned(),
            ),
            None => (
                format!("Nothing in the {}", self.range_words()),
                "Entries are kept for good; choose a longer range.".to_owned(),
            ),
        }
    }

    /// "last 90 days"
    fn range_words(&self) -> String {
        let chosen = self.ranges().into_iter().find(|(.., chosen)| *chosen);
        chosen.map_or_else(String::new, |(_, label, _)| label.to_lowercase())
    }
}
