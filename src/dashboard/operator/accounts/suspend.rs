//! Suspending an account, which ends every call of its keys, and letting it go on.

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
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::operator::accounts;
use crate::dashboard::page::PageContext;
use crate::dashboard::posted::Posted;
use crate::db::Db;
use crate::db::accounts as stored;
use crate::db::confirmation;
use crate::domain::clock::SharedClock;

type Tools = (ThinData<Db>, ThinData<SharedClock>);

#[derive(Template)]
#[template(path = "operator/suspend.html")]
struct SuspendPage {
    page: PageContext,
    url: String,
    name: String,
    /// That work, as far as they themselves go.
    keys: i64,
    last_used: Option<Moment>,
}

impl SuspendPage {
    fn keys_in_words(&self) -> String {
        number::counted(self.keys, "active key", "active keys")
    }
}

pub async fn get(
    area: OperatorArea,
    request: HttpRequest,
    (db, clock): Tools,
) -> Result<HttpResponse, PageError> {
    let account = accounts::asked(&area, &request, &db).await?;
    let url = accounts::url(&account.public_id);
    if account.suspended_at.is_some() {
        return Ok(see_other(&url));
    }
    let (name, now) = (account.name.clone(), clock.now());
    let (keys, last_used) = db
        .run(move |conn| stored::activity(conn, &account, now))
        .await?;
    let page = SuspendPage {
        page: area.page(OperatorPage::Accounts)?,
        name,
        url,
        keys,
        last_used: last_used.map(|at| Moment::new(at, now)),
    };
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

pub async fn post(
    area: OperatorArea,
    _form: Posted,
    request: HttpRequest,
    tools: Tools,
) -> Result<HttpResponse, PageError> {
    set(&area, &request, tools, true).await
}

pub async fn resume(
    area: OperatorArea,
    _form: Posted,
    request: HttpRequest,
    tools: Tools,
) -> Result<HttpResponse, PageError> {
    set(&area, &request, tools, false).await
}

async fn set(
    area: &OperatorArea,
    request: &HttpRequest,
    (db, clock): Tools,
    suspended: bool,
) -> Result<HttpResponse, PageError> {
    let account = accounts::asked(area, request, &db).await?;
    let (actor, now, id) = (area.actor(), clock.now(), account.public_id.clone());
    let changed = db
        .run(move |conn| stored::suspend(conn, &actor, now, &id, suspended))
        .await?;
    let name = account.name;
    let told = match changed {
        None if suspended => Flash::success(format!("{name} is suspended already.")),
        None => Flash::success(format!("{name} is not suspended.")),
        Some(seq) => {
            let confirmation = confirmation::wait_applied(&db, seq).await?;
            let (done, doing) = if suspended {
                ("is suspended", "Suspending")
            } else {
                ("goes on", "Resuming")
            };
            let deed = Deed {
                done: format!("{name} {done}"),
                doing: format!("{doing} {name}"),
                effect: Effect::Changes,
            };
            confirmed::told(&deed, &confirmation, clock.now())
        }
    };
    area.flash(&told)?;
    Ok(see_other(&accounts::url(&account.public_id)))
}
