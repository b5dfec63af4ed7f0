//! Nobody was signed in or linked: what is said, and where to go on.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use askama::Template;

use crate::dashboard::page::PlainContext;
use crate::dashboard::visitor::Visitor;
use crate::domain::identity::Provider;

const LATER_SECONDS: i64 = 5;

#[derive(Template)]
#[template(path = "session/provider_refused.html")]
struct RefusedPage {
    page: PlainContext,
    heading: &'static str,
    words: String,
    back: String,
    back_words: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The state is unknown, too old, used, or another browser's.
    Over,
    /// The person said no at the provider.
    Cancelled,
    /// The provider could not be asked.
    Unavailable,
    /// The answer does not prove who the person is.
    Unproven,
    /// The identity is nobody's who may sign in there. Says no more than that: not whether it is
    /// linked, not whether the domain exists.
    Unknown,
    /// The identity is not linked to the person who is to prove again who they are.
    Another,
    /// The provider asked for no new proof.
    Stale,
    /// The invitation is for another address than those that the provider vouches for.
    NotInvited,
    /// Somebody has the address here; they are to sign in first.
    KnownHere,
    TooMany,
}

/// Where the person came from.
pub enum Origin {
    /// The sign-in page of this address.
    SignIn(String),
    /// The page of their own sign-ins.
    Security(String),
    /// The page on which they prove again who they are.
    Confirm(String),
    /// An invitation, whose link only they have.
    Invitation,
}

impl Refusal {
    pub fn show(
        self,
        visitor: &Visitor,
        request: &HttpRequest,
        (provider, origin): (Provider, Origin),
    ) -> HttpResponse {
        let heading = match origin {
            Origin::SignIn(_) => "You are not signed in",
            Origin::Security(_) => "Nothing was linked",
            Origin::Confirm(_) => "You are not confirmed",
            Origin::Invitation => "You have not joined",
        };
        let (back, back_words) = match origin {
            Origin::SignIn(back) => (back, "Back to sign-in"),
            Origin::Security(back) => (back, "Back to your sign-ins"),
            Origin::Confirm(back) => (back, "Try again"),
            Origin::Invitation => ("/sign-in".to_owned(), "Sign in"),
        };
        let page = RefusedPage {
            page: visitor.page.clone(),
            heading,
            words: self.words(provider.name()),
            back,
            back_words,
        };
        let mut answer = visitor.show_with(request, self.status(), page);
        if matches!(self, Self::Unavailable | Self::TooMany) {
            let headers = answer.headers_mut();
            headers.insert(header::RETRY_AFTER, LATER_SECONDS.into());
        }
        answer
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Over | Self::Unproven => StatusCode::BAD_REQUEST,
            Self::Cancelled
            | Self::Unknown
            | Self::Another
            | Self::Stale
            | Self::NotInvited
            | Self::KnownHere => StatusCode::FORBIDDEN,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn words(self, provider: &str) -> String {
        match self {
            Self::Over => "It took longer than ten minutes, was finished already, or began in \
                           another browser. Start again."
                .to_owned(),
            Self::Cancelled => format!("{provider} did not say who you are. You can try again."),
            Self::Unavailable => {
                format!("{provider} does not answer at the moment. Try again in a minute.")
            }
            Self::Unproven => format!(
                "{provider}’s answer does not prove who you are. Start again; if it happens \
                 twice, tell whoever runs this site."
            ),
            Self::Unknown => format!(
                "No sign-in is linked to that {provider} account here. Sign in with your \
                 password and link it under Security, or ask an admin of your company."
            ),
            Self::Another => format!(
                "That {provider} account is not one that you have linked here. Choose the one that \
                 you sign in with."
            ),
            Self::Stale => format!(
                "{provider} did not ask you to prove who you are. Sign out there and try again, or \
                 sign out here and in again."
            ),
            Self::NotInvited => format!(
                "The invitation is for one address only, and {provider} does not say that it is \
                 yours. Open the link again and choose the {provider} account with that address, \
                 or another way."
            ),
            Self::KnownHere => format!(
                "That address is known at Latchkey already, and this {provider} account is not \
                 linked to it. Sign in the way you do, then open the link of the invitation again."
            ),
            Self::TooMany => {
                "Too many sign-ins began in your network. Try again in some minutes.".to_owned()
            }
        }
    }
}
