//! What an error page says.

use actix_web::ResponseError;
use actix_web::http::StatusCode;

use crate::dashboard::csrf::Resend;
use crate::dashboard::error::PageError;
use crate::dashboard::number;
use crate::dashboard::urls;

#[derive(Debug, Clone)]
pub struct Fault {
    pub status: StatusCode,
    pub title: String,
    pub text: String,
    /// A form that can be sent again as it was.
    pub resend: Option<Resend>,
    /// Whether to sign in beforehand, in another tab.
    pub signs_in: bool,
    pub retry_after: Option<i64>,
    /// Instead of a page.
    pub location: Option<String>,
}

impl Fault {
    fn new(status: StatusCode, title: &str, text: impl Into<String>) -> Self {
        Self {
            status,
            title: title.to_owned(),
            text: text.into(),
            resend: None,
            signs_in: false,
            retry_after: None,
            location: None,
        }
    }

    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::from(&PageError::NotFound),
            StatusCode::PAYLOAD_TOO_LARGE => Self::from(&PageError::TooLarge),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(
                status,
                "This page works another way",
                "The address exists, but not for this kind of request. Nothing was changed.",
            ),
            StatusCode::SERVICE_UNAVAILABLE => Self {
                retry_after: Some(5),
                ..Self::new(
                    status,
                    "Latchkey is not available right now",
                    "It cannot reach its database. What you just sent was not saved. Try again in a \
                     moment.",
                )
            },
            status if status.is_server_error() => Self::new(
                status,
                "There is a problem with the service",
                "Something went wrong on our side. Check whether what you sent was saved before \
                 you send it again.",
            ),
            status => Self::new(
                status,
                "This request cannot be read",
                "Nothing was changed.",
            ),
        }
    }
}

impl Fault {
    fn leading_on((status, title): (StatusCode, &'static str), url: String) -> Self {
        Self {
            location: Some(url),
            ..Self::new(status, title, "")
        }
    }
}

impl From<&PageError> for Fault {
    fn from(error: &PageError) -> Self {
        let status = error.status_code();
        match error {
            PageError::NotFound => Self::new(
                status,
                "Page not found",
                "It may have moved, or it belongs to somebody else. If you typed the address, \
                 check it.",
            ),
            PageError::Forbidden(text) => Self::new(status, "You may not do this", text),
            PageError::Conflict(text) => Self::new(status, "This has changed meanwhile", text),
            PageError::SignedOut(out) => {
                let url = urls::sign_in_to_continue(&out.next, out.ended);
                Self::leading_on((status, "Sign in to continue"), url)
            }
            PageError::Unconfirmed(next) => {
                let url = urls::confirm_identity(next);
                Self::leading_on((status, "Confirm that it is you"), url)
            }
            PageError::NoVisit(url) => {
                Self::leading_on((status, "Say what you look for"), url.clone())
            }
            PageError::FactorMissing => {
                let url = urls::SECOND_FACTOR.to_owned();
                Self::leading_on((status, "Set up a second factor"), url)
            }
            PageError::Stale(resend) => Self {
                resend: Some(Resend::clone(resend)),
                ..Self::new(
                    status,
                    "This page was open too long",
                    "Nothing was changed. What you entered is kept, except for passwords: send it \
                     again.",
                )
            },
            PageError::SignedOutForm(resend) => Self {
                resend: Some(Resend::clone(resend)),
                signs_in: true,
                ..Self::new(
                    status,
                    "You are signed out",
                    "Nothing was changed. What you entered is kept on this page, except for \
                     passwords. Sign in, which opens beside it, then come back here and send it \
                     again.",
                )
            },
            PageError::CrossSite => Self::new(
                status,
                "This form came from another site",
                "Latchkey takes forms from its own pages only. Nothing was changed.",
            ),
            PageError::BadForm(text) => Self::new(status, "This form cannot be read", *text),
            PageError::TooLarge => Self::new(
                status,
                "That is too much at once",
                "Nothing was changed. Go back and shorten what you entered.",
            ),
            PageError::LinkOver => Self::new(
                status,
                "This link does not work any more",
                "It works once and for a limited time, and a newer one takes its place. If Latchkey is \
                 set up already, sign in. If not, start it again: it prints a new link.",
            ),
            PageError::Busy { seconds } => Self {
                retry_after: Some(*seconds),
                ..Self::new(status, "Too many attempts", try_again_in(*seconds))
            },
            PageError::Unavailable(_) | PageError::Internal(_) => Self::of_status(status),
        }
    }
}

fn try_again_in(seconds: i64) -> String {
    format!(
        "Nothing was changed. Try again in {}.",
        number::wait(seconds)
    )
}
