//! `/support/sessions`: one's own looks into accounts.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::html::Unkept;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Fields;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::support::SupportPage;
use crate::dashboard::support_access::line::SessionLine;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::support_sessions;
use crate::db::support_sessions::SupportSession;
use crate::domain::clock::SharedClock;

const PAGE_LENGTH: usize = 50;

#[derive(Template)]
#[template(path = "support/sessions.html")]
struct SessionsPage {
    page: PageContext,
    lines: Vec<OwnLine>,
    is_first: bool,
    next: Option<String>,
}

struct OwnLine {
    account: String,
    url: String,
    line: SessionLine,
}

impl OwnLine {
    fn new(found: (SupportSession, String, String), now: DateTime<Utc>) -> Self {
        let (session, id, account) = found;
        Self {
            account,
            url: urls::support_account(&id),
            line: SessionLine::new(session, now),
        }
    }
}

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
) -> Result<HttpResponse, PageError> {
    let (user, now) = (person.viewer.id, clock.now());
    let before = Fields::of_query(&request)?.get("before").parse().ok();
    let most = i64::try_from(PAGE_LENGTH + 1).unwrap_or(i64::MAX);
    let mut found = db
        .run(move |conn| support_sessions::of_person(conn, user, before, most))
        .await?;
    let more = found.len() > PAGE_LENGTH;
    found.truncate(PAGE_LENGTH);
    let last = found.last().filter(|_| more);
    let next = last.map(|(last, ..)| format!("{}?before={}", urls::SUPPORT_SESSIONS, last.id));
    let page = SessionsPage {
        page: person.page_outside(Section::Support(SupportPage::Sessions))?,
        lines: found
            .into_iter()
            .map(|one| OwnLine::new(one, now))
            .collect(),
        is_first: before.is_none(),
        next,
    };
    Ok(Unkept(StatusCode::OK, page).respond_to(&request))
}
