//! Who asks for an operator's page.

use std::future::Ready;
use std::future::ready;

use actix_web::FromRequest;
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::Method;

use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::SignedIn;
use crate::domain::actor::Actor;
use crate::domain::role::StaffRole;

/// Somebody who runs the installation: an operator, or for a page that is only read, support
/// staff. To everybody else the page does not exist.
pub struct OperatorArea {
    pub person: SignedIn,
    pub role: StaffRole,
}

impl OperatorArea {
    pub fn actor(&self) -> Actor {
        self.person.actor()
    }

    /// To those who may not open `page` there is none.
    pub fn check(&self, page: OperatorPage) -> Result<(), PageError> {
        let mut open = OperatorPage::of(self.role);
        if open.any(|open| open == page) {
            Ok(())
        } else {
            Err(PageError::NotFound)
        }
    }

    /// The frame of the page, for those who may open it. Takes what there is to tell: once a page.
    pub fn page(&self, page: OperatorPage) -> Result<PageContext, PageError> {
        self.check(page)?;
        self.person.page_outside(Section::Operator(page))
    }

    /// Whether to offer what changes something.
    pub fn may_change(&self) -> bool {
        self.role == StaffRole::Operator
    }

    pub fn flash(&self, flash: &Flash) -> Result<(), PageError> {
        self.person.flash(flash)
    }
}

impl FromRequest for OperatorArea {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let person = SignedIn::from_request(request, payload).into_inner();
        ready(person.and_then(|person| in_area(request, person)))
    }
}

fn in_area(request: &HttpRequest, person: SignedIn) -> Result<OperatorArea, PageError> {
    let role = person.viewer.staff.ok_or(PageError::NotFound)?;
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if role == StaffRole::Operator || reads {
        return Ok(OperatorArea { person, role });
    }
    Err(PageError::Forbidden(
        "Support staff read; changing this takes an operator.".to_owned(),
    ))
}
