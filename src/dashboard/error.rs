//! Why a page could not be shown. `error_page` turns it into one; nothing below it logs.

use std::error::Error;
use std::fmt;

use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;

use crate::dashboard::csrf::Resend;
use crate::db::DbError;

pub type Cause = Box<dyn Error + Send + Sync>;

#[derive(Debug)]
pub enum PageError {
    /// Unknown, or somebody else's: the two must not be told apart.
    NotFound,
    /// The person may see the place but not do this; says which role it takes and who can give it.
    Forbidden(String),
    /// Somebody was faster; says how things stand now.
    Conflict(String),
    /// Nobody is signed in, and the page is for people who are.
    SignedOut(SignedOut),
    /// Nobody is signed in any more, and a form was sent with what somebody had entered.
    SignedOutForm(Box<Resend>),
    /// The person is to prove again who they are, and then to go on to this path.
    Unconfirmed(String),
    /// The account asks for a second factor: nothing opens before the person has set one up.
    FactorMissing,
    /// Somebody of support is to say why they look into the account, at this address.
    NoVisit(String),
    /// The form's token is not this session's.
    Stale(Box<Resend>),
    /// Another site sent this form.
    CrossSite,
    /// The body cannot be read as a form; says why.
    BadForm(&'static str),
    TooLarge,
    /// The one-time link was used, is too old, or was never ours.
    LinkOver,
    /// Try again after so many seconds.
    Busy {
        seconds: i64,
    },
    Unavailable(Cause),
    Internal(Cause),
}

/// Where to go on after signing in.
#[derive(Debug)]
pub struct SignedOut {
    pub next: String,
    /// The browser had a session; it is over.
    pub ended: bool,
}

impl PageError {
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<DbError> for PageError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::NotFound => Self::NotFound,
            DbError::Unavailable(_) => Self::Unavailable(error.into()),
            other => Self::Internal(other.into()),
        }
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(cause) | Self::Internal(cause) => cause.fmt(f),
            other => write!(f, "{}", other.status_code()),
        }
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::LinkOver => StatusCode::NOT_FOUND,
            Self::Forbidden(_) | Self::Stale(_) | Self::SignedOutForm(_) | Self::CrossSite => {
                StatusCode::FORBIDDEN
            }
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::SignedOut(_) | Self::Unconfirmed(_) | Self::FactorMissing | Self::NoVisit(_) => {
                StatusCode::SEE_OTHER
            }
            Self::BadForm(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Busy { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Bare: the page is made where the request's id and the looks are known.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::new(self.status_code())
    }
}
