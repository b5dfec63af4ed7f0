//! `/me/security`: the password, and every browser that is signed in.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::me::client;
use crate::dashboard::me::sessions::end_url;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::second_factors;
use crate::db::sessions;
use crate::db::sessions::IdDigest;
use crate::db::sessions::OwnSession;

#[derive(Template)]
#[template(path = "me/security.html")]
pub(super) struct SecurityPage {
    page: PageContext,
    sessions: Vec<SessionRow>,
    /// Since when there is a second factor.
    factor: Option<Moment>,
    errors: FormErrors,
}

struct SessionRow {
    client: String,
    account: String,
    address: String,
    since: Moment,
    last_seen: Moment,
    current: bool,
    end_url: String,
}

impl SessionRow {
    fn new(session: OwnSession, current: &IdDigest, now: DateTime<Utc>) -> Self {
        Self {
            client: client::words(session.client.as_deref().unwrap_or_default()),
            account: session.account.unwrap_or_else(|| "Staff".to_owned()),
            address: session.ip.map_or_else(String::new, |ip| ip.to_string()),
            since: Moment::new(session.created_at, now),
            last_seen: Moment::new(session.last_seen_at, now),
            current: session.id == *current,
            end_url: end_url(&session.id),
        }
    }
}

impl SecurityPage {
    pub(super) async fn read(
        console: &Console,
        person: &SignedIn,
        errors: FormErrors,
    ) -> Result<Self, PageError> {
        let (now, user) = (console.parts.clock.now(), person.viewer.id);
        let db = &console.parts.db;
        let (listed, factor) = db
            .run(move |conn| {
                let listed = sessions::list_of(conn, now, user)?;
                Ok((listed, second_factors::find(conn, user)?))
            })
            .await?;
        let row = |session| SessionRow::new(session, &person.session, now);
        Ok(Self {
            page: person.page_outside(Section::Elsewhere)?,
            sessions: listed.into_iter().map(row).collect(),
            factor: factor.map(|factor| Moment::new(factor.created_at, now)),
            errors,
        })
    }

    fn has_others(&self) -> bool {
        self.sessions.iter().any(|session| !session.current)
    }
}

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let page = SecurityPage::read(&console, &person, FormErrors::default()).await?;
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

/// A reload after a form that was not in order.
pub async fn redirect(_person: SignedIn) -> HttpResponse {
    see_other(urls::SECURITY)
}
