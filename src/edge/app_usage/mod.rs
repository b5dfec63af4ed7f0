//! `POST /v1/usage`: what the app itself used of the account's meters, counted against the same
//! plan as calls with keys.
//!
//! The answer comes after the commit. An event that is sent again, in the same batch or later, is
//! not counted again, so a caller that got no answer sends the same batch once more.

mod event;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::Payload;
use actix_web::web::ThinData;
use serde::Serialize;

use crate::edge::app_usage::event::parse;
use crate::edge::body;
use crate::edge::decisions::Decisions;
use crate::edge::error::EdgeError;
use crate::edge::verify;
use crate::verify::app_usage::AppUsage;
use crate::verify::app_usage::AppUsageAnswer;
use crate::verify::app_usage::AppUsageDesk;
use crate::verify::app_usage::ItemFault;
use crate::verify::app_usage::Unknown;

pub const EVENTS_MAX: usize = 1_000;
const BODY_BYTES_MAX: usize = 512 * 1024;
/// So many faults are named; with more, what is wrong is wrong everywhere.
const FAULTS_NAMED: usize = 100;

#[derive(Serialize)]
struct Taken {
    accepted: usize,
    repeated: usize,
    unknown: Vec<UnknownEvent>,
}

#[derive(Serialize)]
struct UnknownEvent {
    item: usize,
    event_id: String,
    field: &'static str,
}

#[derive(Serialize)]
struct Refused {
    error: String,
    field: Option<&'static str>,
    faults: Vec<NamedFault>,
}

#[derive(Serialize)]
struct NamedFault {
    item: usize,
    field: Option<&'static str>,
    error: String,
}

pub async fn post(
    request: HttpRequest,
    payload: Payload,
    ThinData(decisions): ThinData<Decisions>,
    ThinData(desk): ThinData<AppUsageDesk>,
) -> Result<HttpResponse, EdgeError> {
    verify::authenticate(&decisions, request.headers())?;
    let body = body::read(&request, payload, BODY_BYTES_MAX).await?;
    let events = event::array(&body)?;
    let usage = match parse(&events, decisions.now()) {
        Ok(usage) => usage,
        Err(faults) => return Ok(refused(&faults)),
    };
    if usage.is_empty() {
        return Ok(taken(&[], (0, 0), &[]));
    }
    Ok(match desk.hand_in(usage.clone()).await {
        AppUsageAnswer::Taken {
            accepted,
            repeated,
            unknown,
        } => taken(&usage, (accepted, repeated), &unknown),
        AppUsageAnswer::Faulty(faults) => refused(&faults),
        AppUsageAnswer::Unavailable => {
            return Err(EdgeError::Unavailable("app usage could not be written"));
        }
    })
}

fn taken(
    usage: &[AppUsage],
    (accepted, repeated): (usize, usize),
    unknown: &[Unknown],
) -> HttpResponse {
    let unknown = unknown
        .iter()
        .map(|event| UnknownEvent {
            item: event.item,
            event_id: usage
                .get(event.item)
                .map_or_else(String::new, |sent| sent.event_id.clone()),
            field: event.field,
        })
        .collect();
    HttpResponse::Accepted().json(Taken {
        accepted,
        repeated,
        unknown,
    })
}

/// Nothing of the batch was counted.
fn refused(faults: &[ItemFault]) -> HttpResponse {
    let in_words = |fault: &ItemFault| match fault.field {
        "" => format!("Item {} {}", fault.item, fault.rule),
        field => format!("Item {}: “{field}” {}", fault.item, fault.rule),
    };
    HttpResponse::BadRequest().json(Refused {
        error: faults.first().map_or_else(String::new, in_words),
        field: faults.first().and_then(field),
        faults: faults
            .iter()
            .take(FAULTS_NAMED)
            .map(|fault| NamedFault {
                item: fault.item,
                field: field(fault),
                error: in_words(fault),
            })
            .collect(),
    })
}

fn field(fault: &ItemFault) -> Option<&'static str> {
    Some(fault.field).filter(|field| !field.is_empty())
}
