//! New calls as they come, by server-sent events. No connection to the database is held between two
//! looks. Each answer ends soon and the browser asks anew: so whoever is signed out, or has lost the
//! role, is shown no more within that time.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::web::ThinData;
use chrono::TimeDelta;
use futures_util::Stream;
use futures_util::stream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::dashboard::error::PageError;
use crate::dashboard::html::see_other;
use crate::dashboard::logs::address::LogAddress;
use crate::dashboard::logs::address::TIME_BOX;
use crate::dashboard::logs::scope::Scope;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::DbError;
use crate::db::request_log;
use crate::db::request_log::LogPage;
use crate::db::request_log::LogRow;
use crate::domain::clock::SharedClock;
use crate::domain::endpoint::Method;

/// Rows come about a second after their calls.
const EVERY: Duration = Duration::from_secs(1);
/// One answer.
const LASTS: Duration = Duration::from_secs(8);
/// How soon after its end the browser asks anew.
const RETRY: &[u8] = b"retry: 500\n\n";
/// What is looked through each time: nodes tell of their calls in no common order.
const WINDOW: TimeDelta = TimeDelta::seconds(15);
/// Of one look. Of more calls in the window, the older ones are not told.
const ROWS_MAX: u16 = 100;
/// People who watch at once, on one node.
const SEATS: usize = 100;
const RETRY_AFTER_SECONDS: i64 = 30;

/// Room for those who watch.
#[derive(Clone)]
pub struct Seats(Arc<Semaphore>);

impl Default for Seats {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(SEATS)))
    }
}

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
    seats: ThinData<Seats>,
) -> Result<HttpResponse, PageError> {
    if !wants_events(&request) {
        let path = urls::logs(&place.workspace.slug);
        return Ok(see_other(&urls::with_query(&path, request.query_string())));
    }
    let seat = Arc::clone(&seats.0.0).try_acquire_owned();
    let seat = seat.map_err(|_| PageError::Busy {
        seconds: RETRY_AFTER_SECONDS,
    })?;
    let scope = Scope::of_workspace(&place)?;
    let address = LogAddress::parse(request.query_string(), scope.takes(), clock.now());
    let tail = Tail {
        db: db.of(scope.account),
        clock: SharedClock::clone(&clock.0),
        scope,
        address,
        told: HashSet::new(),
        ends: Instant::now() + LASTS,
        begun: false,
        _seat: seat,
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store, private"))
        .insert_header((header::VARY, "Cookie"))
        // Else nginx would gather what comes.
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events(tail)))
}

/// A script that watches, and not a person who follows the address.
fn wants_events(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(header::ACCEPT);
    accepted.is_some_and(|kinds| kinds.as_bytes().starts_with(b"text/event-stream"))
}

struct Tail {
    db: Db,
    clock: SharedClock,
    scope: Scope,
    address: LogAddress,
    /// Calls of the last look.
    told: HashSet<String>,
    ends: Instant,
    begun: bool,
    _seat: OwnedSemaphorePermit,
}

fn events(tail: Tail) -> impl Stream<Item = Result<Bytes, DbError>> {
    stream::try_unfold(tail, |mut tail| async move {
        if tail.begun {
            tokio::time::sleep(EVERY).await;
        }
        if Instant::now() >= tail.ends {
            return Ok(None);
        }
        let begins = !std::mem::replace(&mut tail.begun, true);
        let page = tail.look().await?;
        let event = tail.event(page);
        Ok(Some(if begins {
            ([RETRY, &event].concat().into(), tail)
        } else {
            (event, tail)
        }))
    })
}

impl Tail {
    async fn look(&self) -> Result<LogPage, DbError> {
        let now = self.clock.now();
        let mut query = self.scope.query(&self.address, ROWS_MAX, now);
        query.from = now - WINDOW;
        self.db
            .run(move |conn| request_log::search(conn, &query, TIME_BOX))
            .await
    }

    /// What was not told yet; else a line that only shows that there is nothing.
    fn event(&mut self, mut page: LogPage) -> Bytes {
        let seen = page.rows.iter().map(|row| row.request_id.clone()).collect();
        let before = std::mem::replace(&mut self.told, seen);
        page.rows.retain(|row| !before.contains(&row.request_id));
        if page.rows.is_empty() {
            return Bytes::from_static(b":\n\n");
        }
        let mut event = "event: calls\n".to_owned();
        for row in &page.rows {
            event.push_str("data: ");
            event.push_str(&line(row));
            event.push('\n');
        }
        event.push('\n');
        event.into()
    }
}

/// "req_… 403 GET /v1/documents": for a script to know that there is something new.
fn line(row: &LogRow) -> String {
    let status = row
        .status
        .map_or_else(|| "-".to_owned(), |status| status.to_string());
    let method = row.method.map_or("-", Method::as_str);
    let line = format!("{} {status} {method} {}", row.request_id, row.path);
    // A control character could end the line, and so begin another field.
    line.replace(char::is_control, " ")
}
