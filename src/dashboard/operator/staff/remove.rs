//! Taking the role from somebody, which ends their sessions.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;

use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::operator::staff;
use crate::dashboard::page::PageContext;
use crate::dashboard::posted::Posted;
use crate::db::Db;
use crate::db::staff_grants;
use crate::db::staff_grants::StaffMember;
use crate::domain::clock::SharedClock;
use crate::domain::person::UserId;

#[derive(Template)]
#[template(path = "operator/staff_remove.html")]
struct RemovePage {
    page: PageContext,
    errors: FormErrors,
    name: String,
    email: String,
    role: &'static str,
    you: bool,
    url: String,
}

pub async fn get(
    area: OperatorArea,
    request: HttpRequest,
    db: ThinData<Db>,
) -> Result<HttpResponse, PageError> {
    area.person.require_recent(&request)?;
    let member = asked(&request, &db).await?;
    let page = RemovePage::new(&area, member, FormErrors::default())?;
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

pub async fn post(
    area: OperatorArea,
    _form: Posted,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
) -> Result<HttpResponse, PageError> {
    area.person.require_recent(&request)?;
    let member = asked(&request, &db).await?;
    let (actor, now, id) = (area.actor(), clock.now(), member.id);
    let outcome = db
        .run(move |conn| staff_grants::revoke(conn, &actor, now, id))
        .await;
    match outcome {
        // Their own session is over, and with it what could be said there.
        Ok(()) if id == area.person.viewer.id => {
            area.person.browser().end();
            Ok(see_other("/sign-in"))
        }
        Ok(()) => {
            let role = staff::in_words(member.role);
            let said = format!(
                "{} has lost the role {role} and is signed out.",
                member.email
            );
            area.flash(&Flash::success(said))?;
            Ok(see_other(OperatorPage::Staff.url()))
        }
        Err(error) if error.is_conflict_on(staff_grants::LAST_OPERATOR) => {
            let mut errors = FormErrors::default();
            let said = format!(
                "{} is the last operator. Make another one first, or nobody could run Latchkey.",
                member.email
            );
            errors.add("", said);
            let page = RemovePage::new(&area, member, errors)?;
            Ok(Html(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(&request))
        }
        Err(error) => Err(error.into()),
    }
}

impl RemovePage {
    fn new(
        area: &OperatorArea,
        member: StaffMember,
        errors: FormErrors,
    ) -> Result<Self, PageError> {
        Ok(Self {
            page: area.page(OperatorPage::Staff)?,
            errors,
            role: staff::in_words(member.role),
            you: member.id == area.person.viewer.id,
            url: staff::remove_url(member.id),
            name: member.name,
            email: member.email,
        })
    }
}

async fn asked(request: &HttpRequest, db: &Db) -> Result<StaffMember, PageError> {
    let id = request.match_info().query("staff");
    let id: UserId = id.parse().map_err(|_| PageError::NotFound)?;
    Ok(db.run(move |conn| staff_grants::member(conn, id)).await?)
}
