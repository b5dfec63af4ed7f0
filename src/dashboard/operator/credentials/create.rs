//! A new service credential: the form, and the one answer that shows its secret.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::http::header;
use askama::Template;
use uuid::Uuid;

use crate::crypto::key_secret::PlainKey;
use crate::crypto::service_credential;
use crate::crypto::service_credential::ServicePrefix;
use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::Unkept;
use crate::dashboard::html::see_other;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::page::PageContext;
use crate::dashboard::posted::Fields;
use crate::dashboard::posted::Posted;
use crate::db::DbError;
use crate::db::confirmation;
use crate::db::service_credentials as stored;
use crate::db::service_credentials::NewCredential;
use crate::domain::random;
use crate::domain::text;

#[derive(Template)]
#[template(path = "operator/credential_new.html")]
struct NewCredentialPage {
    page: PageContext,
    errors: FormErrors,
    name: String,
    /// A one-use id: the form sent twice makes one credential.
    operation: String,
}

#[derive(Template)]
#[template(path = "operator/credential_made.html")]
struct MadePage {
    page: PageContext,
    name: String,
    plain: PlainKey,
    url: &'static str,
    api: String,
}

const SHOWN_ONCE: &str = "This service credential already exists. Its secret was shown once.";

pub async fn get(
    area: OperatorArea,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    area.person.require_recent(&request)?;
    let fields = area.person.kept_form(&request)?.unwrap_or_default();
    let form = (&fields, FormErrors::default());
    show(&area, &request, (&console, StatusCode::OK), form)
}

pub async fn post(
    area: OperatorArea,
    form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    area.person.require_recent_to_send(&request, &form)?;
    let mut errors = FormErrors::default();
    let again = (&console, StatusCode::UNPROCESSABLE_ENTITY);
    let name = form.parse_with("name", &mut errors, |input| {
        text::line(input, service_credential::NAME_LENGTH_MAX)
    });
    let operation: Option<Uuid> = form.get("operation").parse().ok();
    if operation.is_none() {
        errors.add("", "This form was used before. Send it again.");
    }
    let (Some(name), Some(operation)) = (name, operation) else {
        return show(&area, &request, again, (&form, errors));
    };
    match make(&area, &console, (&name, operation)).await? {
        Made::Now(plain) => {
            let page = MadePage {
                page: area.page(OperatorPage::Credentials)?,
                name,
                plain,
                url: OperatorPage::Credentials.url(),
                api: console.parts.addresses.api.clone(),
            };
            let mut answer = Unkept(StatusCode::CREATED, page).respond_to(&request);
            let none = header::HeaderValue::from_static("no-referrer");
            answer.headers_mut().insert(header::REFERRER_POLICY, none);
            Ok(answer)
        }
        Made::Before => {
            area.flash(&Flash::info(SHOWN_ONCE))?;
            Ok(see_other(OperatorPage::Credentials.url()))
        }
        Made::NameTaken => {
            let said = "A service credential that works has this name. Choose another.";
            errors.add("name", said);
            show(&area, &request, again, (&form, errors))
        }
        Made::TooMany => {
            let said = format!(
                "{} service credentials work, which is the most. Revoke one first.",
                stored::WORKING_MAX
            );
            errors.add("", said);
            show(&area, &request, again, (&form, errors))
        }
    }
}

/// What became of a form.
enum Made {
    Now(PlainKey),
    /// By the same form, sent earlier.
    Before,
    NameTaken,
    TooMany,
}

async fn make(
    area: &OperatorArea,
    console: &Console,
    (name, operation): (&str, Uuid),
) -> Result<Made, PageError> {
    let parts = &console.parts;
    let prefix = ServicePrefix::of(&parts.key_prefix);
    let plain =
        service_credential::generate(&prefix, &*console.random).map_err(PageError::internal)?;
    let new = NewCredential {
        id: plain.id(),
        name: name.to_owned(),
        digest: parts.pepper.digest(plain.expose()),
        operation: Some(operation),
    };
    let (actor, now) = (area.actor(), parts.clock.now());
    let made = parts
        .db
        .run(move |conn| {
            if stored::is_made(conn, operation)? {
                return Err(DbError::Conflict(stored::OPERATION_REPEATED.to_owned()));
            }
            stored::create(conn, &actor, now, &new)
        })
        .await;
    match made {
        Ok(seq) => {
            // So that the first call with it is not refused. It is made in any case.
            if let Err(error) = confirmation::wait_applied(&parts.db, seq).await {
                tracing::warn!(%error, "a new service credential may take a moment to be known");
            }
            Ok(Made::Now(plain))
        }
        Err(error) if error.is_conflict_on(stored::OPERATION_REPEATED) => Ok(Made::Before),
        Err(error) if error.is_conflict_on(stored::NAME_TAKEN) => Ok(Made::NameTaken),
        Err(error) if error.is_conflict_on(stored::TOO_MANY) => Ok(Made::TooMany),
        Err(error) => Err(error.into()),
    }
}

fn show(
    area: &OperatorArea,
    request: &HttpRequest,
    (console, status): (&Console, StatusCode),
    (form, errors): (&Fields, FormErrors),
) -> Result<HttpResponse, PageError> {
    let operation = random::uuid(&*console.random).map_err(PageError::internal)?;
    let page = NewCredentialPage {
        page: area.page(OperatorPage::Credentials)?,
        errors,
        name: form.get("name").to_owned(),
        operation: operation.to_string(),
    };
    Ok(Html(status, page).respond_to(request))
}
