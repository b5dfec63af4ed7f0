//! Ending a service credential for good: what that means, one press, the nodes' word.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;

use crate::dashboard::confirmed;
use crate::dashboard::confirmed::Deed;
use crate::dashboard::confirmed::Effect;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::operator::credentials;
use crate::dashboard::page::PageContext;
use crate::dashboard::posted::Posted;
use crate::db::Db;
use crate::db::confirmation;
use crate::db::service_credentials as stored;
use crate::db::service_credentials::Credential;
use crate::domain::api_key::ApiKeyId;
use crate::domain::clock::SharedClock;

#[derive(Template)]
#[template(path = "operator/credential_revoke.html")]
struct RevokePage {
    page: PageContext,
    name: String,
    id: String,
    url: String,
}

pub async fn get(
    area: OperatorArea,
    request: HttpRequest,
    db: ThinData<Db>,
) -> Result<HttpResponse, PageError> {
    let found = asked(&request, &db).await?;
    if found.revoked_at.is_some() {
        return Ok(see_other(OperatorPage::Credentials.url()));
    }
    let page = RevokePage {
        page: area.page(OperatorPage::Credentials)?,
        url: credentials::revoke_url(&found.id),
        name: found.name,
        id: found.id,
    };
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

pub async fn post(
    area: OperatorArea,
    _form: Posted,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
) -> Result<HttpResponse, PageError> {
    let found = asked(&request, &db).await?;
    let (actor, now) = (area.actor(), clock.now());
    let changed = db
        .run(move |conn| stored::revoke(conn, &actor, now, &found.id))
        .await?;
    let name = found.name;
    let told = match changed {
        None => Flash::info(format!("{name} was revoked before.")),
        Some(seq) => {
            let confirmation = confirmation::wait_applied(&db, seq).await?;
            let deed = Deed {
                done: format!("{name} is revoked"),
                doing: format!("Revoking {name}"),
                effect: Effect::Ends,
            };
            confirmed::told(&deed, &confirmation, clock.now())
        }
    };
    area.flash(&told)?;
    Ok(see_other(OperatorPage::Credentials.url()))
}

async fn asked(request: &HttpRequest, db: &Db) -> Result<Credential, PageError> {
    let id = request.match_info().query("credential");
    let id: ApiKeyId = id.parse().map_err(|_| PageError::NotFound)?;
    Ok(db.run(move |conn| stored::find(conn, id.as_str())).await?)
}
