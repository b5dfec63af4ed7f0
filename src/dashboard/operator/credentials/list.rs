//! Those that work, and those that did.

use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::moment::Moment;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::operator::credentials;
use crate::dashboard::page::PageContext;
use crate::db::Db;
use crate::db::service_credentials;
use crate::db::service_credentials::Credential;
use crate::domain::clock::SharedClock;

#[derive(Template)]
#[template(path = "operator/credentials.html")]
struct CredentialsPage {
    page: PageContext,
    lines: Vec<CredentialLine>,
}

struct CredentialLine {
    id: String,
    name: String,
    created: Moment,
    last_used: Option<Moment>,
    revoked: Option<Moment>,
    revoke_url: String,
}

impl CredentialLine {
    fn new(row: Credential, now: DateTime<Utc>) -> Self {
        Self {
            created: Moment::new(row.created_at, now),
            last_used: row.last_used_at.map(|at| Moment::new(at, now)),
            revoked: row.revoked_at.map(|at| Moment::new(at, now)),
            revoke_url: credentials::revoke_url(&row.id),
            id: row.id,
            name: row.name,
        }
    }
}

pub async fn get(
    area: OperatorArea,
    db: ThinData<Db>,
    clock: ThinData<SharedClock>,
) -> Result<Html<impl Template>, PageError> {
    let page = area.page(OperatorPage::Credentials)?;
    let found = db.run(service_credentials::list).await?;
    let now = clock.now();
    let lines = found.into_iter().map(|row| CredentialLine::new(row, now));
    let page = CredentialsPage {
        page,
        lines: lines.collect(),
    };
    Ok(Html(StatusCode::OK, page))
}
