//! All looks into the account, those that wait for an answer first.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;

use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Fields;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::support_access::line::SessionLine;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::DbError;
use crate::db::support_sessions;
use crate::domain::clock::SharedClock;

const PAGE_LENGTH: usize = 50;
/// Answers that are asked for at once.
const WAITING_MAX: i64 = 20;

#[derive(Template)]
#[template(path = "support_access/page.html")]
struct AccessPage {
    page: PageContext,
    asks: bool,
    waiting: Vec<SessionLine>,
    lines: Vec<SessionLine>,
    is_first: bool,
    next: Option<String>,
}

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
) -> Result<HttpResponse, PageError> {
    let (account, now) = (person.membership()?.account, clock.now());
    let before = Fields::of_query(&request)?.get("before").parse().ok();
    let most = i64::try_from(PAGE_LENGTH + 1).unwrap_or(i64::MAX);
    let (asks, told, mut found) = db
        .run(move |conn| {
            Ok::<_, DbError>((
                support_sessions::asks(conn, account)?,
                support_sessions::notices(conn, account, now, WAITING_MAX)?,
                support_sessions::of_account(conn, account, before, most)?,
            ))
        })
        .await?;
    let more = found.len() > PAGE_LENGTH;
    found.truncate(PAGE_LENGTH);
    let last = found.last().filter(|_| more);
    let next = last.map(|last| format!("{}?before={}", urls::SUPPORT_ACCESS, last.id));
    let line = |session| SessionLine::new(session, now);
    let page = AccessPage {
        page: person.page_outside(Section::SupportAccess)?,
        asks,
        waiting: told
            .into_iter()
            .map(line)
            .filter(SessionLine::waits)
            .collect(),
        lines: found.into_iter().map(line).collect(),
        is_first: before.is_none(),
        next,
    };
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}
