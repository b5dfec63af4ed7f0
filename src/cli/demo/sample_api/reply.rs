//! Answers, and the bodies that lead to them.

use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::http::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

/// Tells Latchkey what a call was worth; the gateway records it and takes it off the answer.
const USAGE: &str = "Latchkey-Usage";

pub fn json(status: u16, body: &impl Serialize) -> HttpResponse {
    HttpResponse::build(code(status)).json(body)
}

/// As `json`, for a call that costs credits.
pub fn charged(status: u16, credits: u32, body: &impl Serialize) -> HttpResponse {
    with_usage(status, &format!("credits={credits}"), body)
}

/// As `charged`, for a call that brings documents.
pub fn imported(status: u16, documents: usize, body: &impl Serialize) -> HttpResponse {
    let usage = format!("credits={documents}, imports={documents}");
    with_usage(status, &usage, body)
}

fn with_usage(status: u16, usage: &str, body: &impl Serialize) -> HttpResponse {
    HttpResponse::build(code(status))
        .insert_header((USAGE, usage))
        .json(body)
}

pub fn not_found(noun: &str) -> HttpResponse {
    json(404, &json!({ "error": format!("No such {noun}") }))
}

/// The body is not what the endpoint takes.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(String);

impl Unusable {
    pub fn because(why: &str) -> Self {
        Self(why.to_owned())
    }
}

impl ResponseError for Unusable {
    fn status_code(&self) -> StatusCode {
        StatusCode::UNPROCESSABLE_ENTITY
    }

    fn error_response(&self) -> HttpResponse {
        json(422, &json!({ "error": self.0 }))
    }
}

pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unusable> {
    serde_json::from_slice(body).map_err(|fault| Unusable(fault.to_string()))
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
