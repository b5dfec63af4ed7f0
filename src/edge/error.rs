//! What the edge answers when it does not do what was asked: JSON, a status, and nothing of how
//! Latchkey works inside.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::http::header::ContentType;
use serde::Serialize;

use crate::edge::refusal::Refusal;
use crate::spool::SpoolUnavailable;
use crate::verify::Unavailable;

const SERVICE_CHALLENGE: &str = r#"Bearer realm="latchkey service""#;

/// What "come again" means where nothing better is known.
const RETRY_AFTER_SECONDS: &str = "1";

/// `Display` is for our log; callers read `message` only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EdgeError {
    #[error("refused: {}", .0.reason.in_words())]
    Denied(Box<Refusal>),
    #[error("no service credential that works")]
    ServiceCredential,
    #[error("malformed body: {message}")]
    MalformedBody {
        field: Option<Cow<'static, str>>,
        message: Cow<'static, str>,
    },
    #[error("the body is too large")]
    BodyTooLarge,
    #[error("the body came too slowly")]
    BodyTooSlow,
    #[error("the body broke off")]
    BodyBroken,
    #[error("the URL is too long")]
    UrlTooLong,
    #[error("more than one host")]
    AmbiguousHost,
    #[error("a header is too long")]
    HeaderTooLong,
    #[error("this address may not ask")]
    PeerNotAllowed,
    #[error("no such URL")]
    NotFound,
    #[error("no such method here")]
    MethodNotAllowed(&'static str),
    #[error("the key is revoked already")]
    AlreadyRevoked,
    #[error("too many requests of this key at once")]
    TooManyAtOnce,
    #[error("the upstream cannot be reached or does not speak HTTP")]
    BadUpstream,
    #[error("the upstream took too long")]
    SlowUpstream,
    /// Latchkey cannot vouch for an answer: fail closed.
    #[error("{0}")]
    Unavailable(&'static str),
}

#[derive(Serialize)]
struct Body<'a> {
    error: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

impl EdgeError {
    /// The words that callers read.
    pub fn message(&self) -> &str {
        match self {
            Self::Denied(refusal) => &refusal.message,
            Self::ServiceCredential => "Send a service credential as a Bearer token",
            Self::MalformedBody { message, .. } => message,
            Self::BodyTooLarge => "The body is too large",
            Self::BodyTooSlow => "The body came too slowly",
            Self::BodyBroken => "The body broke off",
            Self::UrlTooLong => "The URL is too long",
            Self::AmbiguousHost => "Name one host",
            Self::HeaderTooLong => "A header is too long",
            Self::PeerNotAllowed => "This address may not ask here",
            Self::NotFound => "There is nothing at this URL",
            Self::MethodNotAllowed(_) => "This method is not allowed here",
            Self::AlreadyRevoked => "This API key is revoked already",
            Self::TooManyAtOnce => "Too many requests with this API key at once",
            Self::BadUpstream => "The API behind this gateway did not answer",
            Self::SlowUpstream => "The API behind this gateway did not answer in time",
            Self::Unavailable(_) => "Latchkey cannot decide just now; try again",
        }
    }

    /// What makes the answer more than its words.
    fn header(&self) -> Option<(header::HeaderName, &'static str)> {
        match self {
            Self::ServiceCredential => Some((header::WWW_AUTHENTICATE, SERVICE_CHALLENGE)),
            Self::MethodNotAllowed(allowed) => Some((header::ALLOW, allowed)),
            Self::TooManyAtOnce | Self::Unavailable(_) => {
                Some((header::RETRY_AFTER, RETRY_AFTER_SECONDS))
            }
            _ => None,
        }
    }

    /// As `error_response`, with another status: some proxies understand only 401 and 403.
    pub fn answer_as(&self, status: StatusCode) -> HttpResponse {
        let mut answer = HttpResponse::build(status);
        if let Self::Denied(refusal) = self {
            answer.insert_header((header::CONTENT_TYPE, refusal.content_type()));
            let mut answer = answer.body(self.body());
            refusal.add_headers(answer.headers_mut());
            return answer;
        }
        if let Some(header) = self.header() {
            answer.insert_header(header);
        }
        if matches!(
            self,
            Self::BodyTooSlow | Self::BodyTooLarge | Self::BodyBroken
        ) {
            // What is left of the body is not worth waiting for.
            answer.force_close();
        }
        answer.content_type(ContentType::json()).body(self.body())
    }

    /// JSON.
    pub fn body(&self) -> String {
        if let Self::Denied(refusal) = self {
            return refusal.body();
        }
        let body = Body {
            error: self.message(),
            code: matches!(self, Self::Unavailable(_)).then_some("UNAVAILABLE"),
            field: match self {
                Self::MalformedBody { field, .. } => field.as_deref(),
                _ => None,
            },
        };
        // Texts only: there is nothing in it that has no form in JSON.
        serde_json::to_string(&body).unwrap_or_default()
    }
}

impl ResponseError for EdgeError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Denied(refusal) => refusal.status(),
            Self::ServiceCredential => StatusCode::UNAUTHORIZED,
            Self::MalformedBody { .. } | Self::BodyBroken | Self::AmbiguousHost => {
                StatusCode::BAD_REQUEST
            }
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::UrlTooLong => StatusCode::URI_TOO_LONG,
            Self::HeaderTooLong => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::PeerNotAllowed => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::AlreadyRevoked => StatusCode::CONFLICT,
            Self::TooManyAtOnce => StatusCode::TOO_MANY_REQUESTS,
            Self::BadUpstream => StatusCode::BAD_GATEWAY,
            Self::SlowUpstream => StatusCode::GATEWAY_TIMEOUT,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        self.answer_as(self.status_code())
    }
}

impl From<Unavailable> for EdgeError {
    fn from(_: Unavailable) -> Self {
        Self::Unavailable("the mirror's lease has run out")
    }
}

impl From<SpoolUnavailable> for EdgeError {
    fn from(cause: SpoolUnavailable) -> Self {
        match cause {
            SpoolUnavailable::Full => Self::Unavailable("the spool is full"),
            SpoolUnavailable::Failed => Self::Unavailable("the spool cannot be written"),
        }
    }
}
