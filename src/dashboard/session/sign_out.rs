//! `/sign-out`: the row goes, the cookie goes, and so does what the browser kept of our pages.

use actix_web::HttpResponse;
use actix_web::http::header::HeaderName;
use actix_web::http::header::HeaderValue;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::html::see_other;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::SignedIn;
use crate::db::sessions;

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

pub async fn post(
    person: SignedIn,
    _form: Posted,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let (actor, session, now) = (person.actor(), person.session, console.parts.clock.now());
    let db = &console.parts.db;
    db.run(move |conn| sessions::end(conn, &actor, now, &session))
        .await?;
    person.browser().end();
    Ok(gone_to("/sign-in"))
}

/// On to a page for visitors, with nothing of the pages before it left in the browser.
pub fn gone_to(url: &str) -> HttpResponse {
    let mut answer = see_other(url);
    answer.headers_mut().insert(
        CLEAR_SITE_DATA,
        HeaderValue::from_static(r#""cache", "storage""#),
    );
    answer
}
