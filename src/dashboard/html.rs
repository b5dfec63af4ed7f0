//! Pages as answers.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::HttpResponseBuilder;
use actix_web::Responder;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header;
use askama::Template;

use crate::dashboard::error::PageError;

const CONTENT_TYPE: &str = "text/html; charset=utf-8";

/// A page that the browser keeps but asks about before it shows it again.
#[derive(Debug)]
pub struct Html<T>(pub StatusCode, pub T);

/// A page that nothing may keep: sign-in, the secret shown once, exports.
#[derive(Debug)]
pub struct Unkept<T>(pub StatusCode, pub T);

impl<T: Template> Responder for Html<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut answer = HttpResponseBuilder::new(self.0);
        answer
            .insert_header((header::CONTENT_TYPE, CONTENT_TYPE))
            .insert_header((header::CACHE_CONTROL, "private, no-cache"))
            .insert_header((header::VARY, "Cookie"));
        render(&self.1, answer)
    }
}

impl<T: Template> Responder for Unkept<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut answer = HttpResponseBuilder::new(self.0);
        no_store(&mut answer);
        render(&self.1, answer)
    }
}

fn render(page: &impl Template, mut answer: HttpResponseBuilder) -> HttpResponse {
    match page.render() {
        Ok(text) => answer.body(text),
        Err(error) => HttpResponse::from_error(PageError::internal(error)),
    }
}

pub(super) fn no_store(answer: &mut HttpResponseBuilder) {
    answer
        .insert_header((header::CONTENT_TYPE, CONTENT_TYPE))
        .insert_header((header::CACHE_CONTROL, "no-store, private"))
        .insert_header((header::VARY, "Cookie"));
}

/// The form alone for a script that puts it into a dialog over the page, else the whole page.
pub fn dialog_or_page(
    request: &HttpRequest,
    dialog: impl Template,
    page: impl Template,
) -> HttpResponse {
    if is_dialog(request) {
        Html(StatusCode::OK, dialog).respond_to(request)
    } else {
        Html(StatusCode::OK, page).respond_to(request)
    }
}

fn is_dialog(request: &HttpRequest) -> bool {
    request
        .headers()
        .get("x-fragment")
        .is_some_and(|fragment| fragment == "dialog")
}

/// On to another page, after a form was taken.
pub fn see_other(url: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, url))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}
