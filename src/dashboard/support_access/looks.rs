//! One look into the account: each thing that was looked at.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Fields;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::support::pages;
use crate::dashboard::support_access::decide::session_in;
use crate::dashboard::support_access::line::SessionLine;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::support_sessions;
use crate::db::support_sessions::Look;
use crate::domain::audit::Action;
use crate::domain::clock::SharedClock;

const PAGE_LENGTH: usize = 100;

#[derive(Template)]
#[template(path = "support_access/looks.html")]
struct LooksPage {
    page: PageContext,
    line: SessionLine,
    looks: Vec<LookLine>,
    next: Option<String>,
}

struct LookLine {
    at: Moment,
    words: String,
    target: String,
    /// The public id of a key or a request.
    id: String,
}

impl LookLine {
    fn new(look: Look, now: DateTime<Utc>) -> Self {
        let words = match look.action {
            Some(Action::SupportViewed) => format!("Looked at {}", pages::in_words(&look.page)),
            Some(action) => capitalised(action.words()),
            None => "Did something".to_owned(),
        };
        let named = matches!(look.target_kind.as_str(), "key");
        Self {
            at: Moment::new(look.at, now),
            words,
            target: look.target,
            id: if named { look.target_id } else { String::new() },
        }
    }
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
) -> Result<HttpResponse, PageError> {
    let (account, now) = (person.membership()?.account, clock.now());
    let id = session_in(&request)?;
    let after = Fields::of_query(&request)?.get("after").parse().ok();
    let most = i64::try_from(PAGE_LENGTH + 1).unwrap_or(i64::MAX);
    let (session, mut looks) = db
        .run(move |conn| {
            let session = support_sessions::find(conn, account, &id)?;
            let looks = support_sessions::looks(conn, &session, after.unwrap_or(0), most)?;
            Ok((session, looks))
        })
        .await?;
    let more = looks.len() > PAGE_LENGTH;
    looks.truncate(PAGE_LENGTH);
    let line = SessionLine::new(session, now);
    let last = looks.last().filter(|_| more);
    let next = last.map(|(row, _)| {
        let path = format!("{}/{}", urls::SUPPORT_ACCESS, line.public_id);
        format!("{path}?after={row}")
    });
    let page = LooksPage {
        page: person.page_outside(Section::SupportAccess)?,
        line,
        looks: looks
            .into_iter()
            .map(|(_, look)| LookLine::new(look, now))
            .collect(),
        next,
    };
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}
