//! `POST /v1/requests/report`: what came of requests that a service or a proxy asked about, whose
//! status and duration only they know.
//!
//! Known is what this node decided in the last 15 minutes. The rest comes back under `unknown` and
//! changes nothing. A report that is sent again says the same again.

use std::borrow::Cow;
use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::Payload;
use actix_web::web::ThinData;
use futures_util::future::try_join_all;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::meter;
use crate::domain::meter::AMOUNT_MAX;
use crate::domain::meter::CREDITS;
use crate::domain::meter::METERS_PER_CALL_MAX;
use crate::domain::meter::REQUESTS;
use crate::domain::request_id::RequestId;
use crate::edge::body;
use crate::edge::decisions::Decisions;
use crate::edge::error::EdgeError;
use crate::edge::recent::Recent;
use crate::edge::told::MeterAmounts;
use crate::edge::verify;
use crate::spool::record::CompletionRecord;

pub const ITEMS_MAX: usize = 1_000;
const BODY_BYTES_MAX: usize = 512 * 1024;
const DURATION_MS_MAX: f64 = 4_000_000.0;
const CREDITS_MAX: u32 = 1_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item<'a> {
    #[serde(borrow)]
    request_id: Cow<'a, str>,
    status: u16,
    duration_ms: f64,
    credits: Option<u32>,
    /// What it used of each meter in all.
    meters: Option<HashMap<String, i64>>,
}

#[derive(Serialize)]
struct Answer<'a> {
    accepted: usize,
    unknown: Vec<&'a str>,
}

pub async fn post(
    request: HttpRequest,
    payload: Payload,
    ThinData(decisions): ThinData<Decisions>,
) -> Result<HttpResponse, EdgeError> {
    verify::authenticate(&decisions, request.headers())?;
    let body = body::read(&request, payload, BODY_BYTES_MAX).await?;
    let items = parse(&body)?;
    let (mut records, mut unknown) = (Vec::new(), Vec::new());
    for item in &items {
        let found = RequestId::parse(&item.request_id)
            .and_then(|id| decisions.recent(id).map(|decided| (id, decided)));
        let Some((id, decided)) = found else {
            unknown.push(&*item.request_id);
            continue;
        };
        let mut record = completion(item, id, &decided);
        if let Some(meters) = &item.meters {
            record.meters = decisions.tell_meters(id, &MeterAmounts::told(meters));
        }
        records.push(record);
    }
    let accepted = records.len();
    // All at once, so that they share a write.
    try_join_all(records.into_iter().map(|record| decisions.report(record))).await?;
    Ok(HttpResponse::Accepted().json(Answer { accepted, unknown }))
}

fn completion(item: &Item<'_>, request_id: RequestId, decided: &Recent) -> CompletionRecord {
    CompletionRecord {
        at: decided.at,
        request_id,
        account: decided.account,
        workspace: decided.workspace,
        key: decided.key,
        status: item.status,
        duration_us: micros(item.duration_ms),
        credits: item.credits.unwrap_or(decided.credits),
        meters: Vec::new(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be from 0 to DURATION_MS_MAX"
)]
fn micros(milliseconds: f64) -> u32 {
    (milliseconds * 1_000.0) as u32
}

fn parse(body: &[u8]) -> Result<Vec<Item<'_>>, EdgeError> {
    let items: Vec<Item<'_>> = serde_json::from_slice(body).map_err(|error| {
        fault(
            None,
            format!(
                "The body must be an array of {{request_id, status, duration_ms, credits, meters}}: \
                 see line {}, column {}",
                error.line(),
                error.column()
            ),
        )
    })?;
    if items.len() > ITEMS_MAX {
        return Err(fault(None, format!("Report at most {ITEMS_MAX} requests")));
    }
    for (place, item) in items.iter().enumerate() {
        let (field, rule) = if !(100..=599).contains(&item.status) {
            ("status", "100 to 599")
        } else if !(0.0..=DURATION_MS_MAX).contains(&item.duration_ms) {
            ("duration_ms", "0 to 4000000")
        } else if item.credits.is_some_and(|credits| credits > CREDITS_MAX) {
            ("credits", "0 to 1000000")
        } else if item.meters.as_ref().is_some_and(|told| !are_meters(told)) {
            ("meters", "at most 8 meters, each with a whole number")
        } else {
            continue;
        };
        let message = format!("Item {place}: “{field}” must be {rule}");
        return Err(fault(Some(field), message));
    }
    Ok(items)
}

/// `requests` counts itself, and `credits` have a field of their own.
fn are_meters(told: &HashMap<String, i64>) -> bool {
    let fits = |(meter, amount): (&String, &i64)| {
        meter::is_slug(meter)
            && !matches!(meter.as_str(), REQUESTS | CREDITS)
            && amount.unsigned_abs() <= AMOUNT_MAX.unsigned_abs()
    };
    told.len() <= METERS_PER_CALL_MAX && told.iter().all(fits)
}

fn fault(field: Option<&'static str>, message: String) -> EdgeError {
    EdgeError::MalformedBody {
        field: field.map(Cow::Borrowed),
        message: message.into(),
    }
}
