//! The last hand on every answer of the console: faults and panics become pages, the cause is
//! logged once, and the browser's headers are set.

use std::fmt;
use std::panic::AssertUnwindSafe;

use actix_web::Error;
use actix_web::HttpResponse;
use actix_web::HttpResponseBuilder;
use actix_web::ResponseError;
use actix_web::body::BoxBody;
use actix_web::body::MessageBody;
use actix_web::dev::ServiceRequest;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::middleware::Next;
use askama::Template;
use futures_util::FutureExt;

use crate::dashboard::error::PageError;
use crate::dashboard::fault::Fault;
use crate::dashboard::html;
use crate::dashboard::looks::Looks;
use crate::dashboard::page::PlainContext;
use crate::dashboard::site::Site;
use crate::domain::request_id::RequestId;
use crate::http::request_id;
use crate::http::security_headers;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    page: PlainContext,
    fault: Fault,
}

/// The middleware.
pub async fn finish<B: MessageBody + 'static>(
    (site, looks): (Site, Looks),
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let context = Context {
        request_id: request_id::of(request.request()),
        page: looks.plain(request.request(), String::new()),
        https: site.is_https(),
    };
    let outcome = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    match outcome {
        Ok(Ok(response)) => Ok(context.finish(response)),
        // Without its request an error cannot become an answer here; it carries its page along.
        Ok(Err(error)) => Err(context.unanswered(&error)),
        Err(panic) => Err(context.unanswered(&panicked(&*panic))),
    }
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    PageError::internal(format!("panicked: {}", text.unwrap_or("without a word"))).into()
}

#[derive(Debug, Clone)]
struct Context {
    request_id: Option<RequestId>,
    page: PlainContext,
    https: bool,
}

impl Context {
    fn finish<B: MessageBody + 'static>(
        &self,
        response: ServiceResponse<B>,
    ) -> ServiceResponse<BoxBody> {
        let mut response = match self.fault_in(&response) {
            Some(fault) => {
                let cookies: Vec<_> = response
                    .headers()
                    .get_all(header::SET_COOKIE)
                    .cloned()
                    .collect();
                let mut page = self.page_for(fault);
                for cookie in cookies {
                    page.headers_mut().append(header::SET_COOKIE, cookie);
                }
                response.into_response(page)
            }
            None => response.map_into_boxed_body(),
        };
        security_headers::apply(response.headers_mut(), self.https);
        response
    }

    /// The page that has to take the place of `response`, if one has to.
    fn fault_in<B>(&self, response: &ServiceResponse<B>) -> Option<Fault> {
        let status = response.status();
        if let Some(error) = response.response().error() {
            if let Some(error) = error.as_error::<PageError>() {
                self.log(error);
                return Some(Fault::from(error));
            }
            tracing::warn!(request_id = ?self.request_id, %status, %error, "refused");
        }
        let is_bare = !response.headers().contains_key(header::CONTENT_TYPE)
            || response.response().error().is_some();
        ((status.is_client_error() || status.is_server_error()) && is_bare)
            .then(|| Fault::of_status(status))
    }

    /// Only what fails outside of the handlers comes here: the session's store.
    fn unanswered(&self, error: &Error) -> Error {
        let fault = if let Some(error) = error.as_error::<PageError>() {
            self.log(error);
            Fault::from(error)
        } else {
            tracing::error!(request_id = ?self.request_id, %error, "no session store");
            Fault::of_status(StatusCode::SERVICE_UNAVAILABLE)
        };
        Answered(self.clone(), fault).into()
    }

    fn log(&self, error: &PageError) {
        match error {
            PageError::Internal(cause) | PageError::Unavailable(cause) => {
                let chain = chain(&**cause);
                tracing::error!(request_id = ?self.request_id, cause = %chain, "page failed");
            }
            other => tracing::debug!(request_id = ?self.request_id, error = ?other, "refused"),
        }
    }

    fn page_for(&self, fault: Fault) -> HttpResponse {
        let status = fault.status;
        let mut answer = HttpResponseBuilder::new(status);
        if let Some(location) = &fault.location {
            answer.insert_header((header::LOCATION, location.as_str()));
            return answer.finish();
        }
        if let Some(seconds) = fault.retry_after {
            answer.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some(cookie) = fault.resend.as_ref().and_then(|form| form.cookie.clone()) {
            answer.cookie(cookie);
        }
        let page = ErrorPage {
            page: self.page.clone(),
            fault,
        };
        html::no_store(&mut answer);
        match page.render() {
            Ok(text) => answer.body(text),
            Err(error) => {
                tracing::error!(%error, "the error page itself failed");
                answer.body("Something went wrong.")
            }
        }
    }
}

/// An error that knows its page.
#[derive(Debug)]
struct Answered(Context, Fault);

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.1.title)
    }
}

impl ResponseError for Answered {
    fn status_code(&self) -> StatusCode {
        self.1.status
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = self.0.page_for(self.1.clone());
        security_headers::apply(response.headers_mut(), self.0.https);
        response
    }
}

/// An error with all its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // Some errors repeat their source in their own text.
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests;
