//! Going on with a look, ending it, and having addresses shown for the rest of it.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use chrono::DateTime;
use chrono::Utc;
use diesel::PgConnection;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::html::see_other;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::support::visit;
use crate::dashboard::support::visit::Visit;
use crate::dashboard::urls;
use crate::db::DbError;
use crate::db::accounts;
use crate::db::support_sessions;
use crate::db::support_sessions::OVER;
use crate::db::support_sessions::SupportSession;
use crate::domain::account::AccountId;
use crate::domain::actor::Actor;

/// Back to the page that the band stood on.
fn back(console: &Console, request: &HttpRequest, visit: &Visit) -> HttpResponse {
    let url = visit.url();
    let page = console.site.path_of_page(request);
    let page = page.filter(|page| page.starts_with(&url) && !page.contains("/open"));
    see_other(&page.unwrap_or(url))
}

pub async fn renew(
    person: SignedIn,
    _form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    change(&person, &request, &console, support_sessions::renew).await
}

pub async fn addresses(
    person: SignedIn,
    _form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    change(
        &person,
        &request,
        &console,
        support_sessions::show_addresses,
    )
    .await
}

type Change = fn(&mut PgConnection, &Actor, DateTime<Utc>, &SupportSession) -> Result<(), DbError>;

/// Changes the look while it is open, and leads back to where the band stood.
async fn change(
    person: &SignedIn,
    request: &HttpRequest,
    console: &Console,
    change: Change,
) -> Result<HttpResponse, PageError> {
    let visit = person.visit().cloned().ok_or(PageError::NotFound)?;
    let (actor, now) = (person.actor(), console.parts.clock.now());
    let session = visit.session.clone();
    let db = &console.parts.db;
    let changed = db
        .run(move |conn| change(conn, &actor, now, &session))
        .await;
    match changed {
        Err(error) if error.is_conflict_on(OVER) => {
            Err(PageError::NoVisit(visit.open_url(&visit.url())))
        }
        changed => {
            changed?;
            Ok(back(console, request, &visit))
        }
    }
}

/// Also what waits for an owner's answer. What is over already stays so.
pub async fn end(
    person: SignedIn,
    _form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let id = visit::account_in(&request)?;
    let (user, now) = (person.viewer.id, console.parts.clock.now());
    let by = |because| visit::actor(&person, because);
    let (account, session) = console
        .parts
        .db
        .run(move |conn| {
            let account = accounts::find(conn, &id)?;
            let session = support_sessions::live(conn, (AccountId(account.id), user), now)?;
            Ok((account, session))
        })
        .await?;
    if let Some(session) = session {
        let actor = by(session.because());
        let ended = console
            .parts
            .db
            .run(move |conn| support_sessions::end(conn, &actor, now, &session))
            .await;
        match ended {
            Err(error) if !error.is_conflict_on(OVER) => return Err(error.into()),
            _ => {}
        }
    }
    let name = account.name;
    person.flash(&Flash::success(format!(
        "You no longer look into {name}. Its owners see what you looked at."
    )))?;
    Ok(see_other(urls::SUPPORT))
}
