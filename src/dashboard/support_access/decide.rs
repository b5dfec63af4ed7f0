//! What owners decide about support.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::ThinData;

use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::html::see_other;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::support_sessions;
use crate::db::support_sessions::OVER;
use crate::domain::clock::SharedClock;

type Tools = (ThinData<Db>, ThinData<SharedClock>);

/// Longest name of a look that is looked for.
const ID_BYTES_MAX: usize = 64;

/// The look of the address; what cannot name one names none.
pub fn session_in(request: &HttpRequest) -> Result<String, PageError> {
    let id = request.match_info().query("s");
    if id.len() > ID_BYTES_MAX || !id.is_ascii() || id.contains('\0') {
        return Err(PageError::NotFound);
    }
    Ok(id.to_owned())
}

/// Whether an owner is asked first.
pub async fn settings(
    person: SignedIn,
    form: Posted,
    request: HttpRequest,
    (db, clock): Tools,
) -> Result<HttpResponse, PageError> {
    person.require_recent(&request)?;
    let asks = form.get("asks") == "first";
    let account = person.membership()?.account;
    let (actor, now) = (person.actor(), clock.now());
    let changed = db
        .run(move |conn| support_sessions::set_asks(conn, &actor, now, account, asks))
        .await?;
    person.flash(&match (changed, asks) {
        (false, _) => Flash::info("Nothing was different. It is as it was."),
        (true, true) => Flash::success(
            "Support asks first from now on. A look that is open ends when its time is over.",
        ),
        (true, false) => {
            Flash::success("Support may look with a reason from now on, and you see each look.")
        }
    })?;
    Ok(see_other(urls::SUPPORT_ACCESS))
}

pub async fn approve(
    person: SignedIn,
    _form: Posted,
    request: HttpRequest,
    tools: Tools,
) -> Result<HttpResponse, PageError> {
    decide(&person, &request, tools, true).await
}

pub async fn decline(
    person: SignedIn,
    _form: Posted,
    request: HttpRequest,
    tools: Tools,
) -> Result<HttpResponse, PageError> {
    decide(&person, &request, tools, false).await
}

async fn decide(
    person: &SignedIn,
    request: &HttpRequest,
    (db, clock): Tools,
    lets_in: bool,
) -> Result<HttpResponse, PageError> {
    let id = session_in(request)?;
    let account = person.membership()?.account;
    let (actor, now) = (person.actor(), clock.now());
    let decided = db
        .run(move |conn| support_sessions::decide(conn, &actor, now, (account, &id), lets_in))
        .await;
    let told = match decided {
        Err(error) if error.is_conflict_on(OVER) => {
            Flash::info("That was answered already, or withdrawn. Nothing was changed.")
        }
        decided => {
            let name = decided?.staff_name;
            if lets_in {
                Flash::success(format!("{name} may look for 30 minutes from now on."))
            } else {
                Flash::success(format!("{name} may not look."))
            }
        }
    };
    person.flash(&told)?;
    Ok(see_other(urls::SUPPORT_ACCESS))
}
