//! Somebody searched with a whole secret: what to do about it, said once, and nothing kept.

use actix_web::HttpResponse;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::html::see_other;
use crate::dashboard::keys;
use crate::dashboard::keys::list_query::ListQuery;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::DbError;
use crate::db::api_keys;
use crate::domain::api_key::ApiKeyId;

const ROTATE: &str = "That was a full secret. Treat it as exposed: rotate this key.";
const ENDED: &str = "That was a full secret. Its key has ended, so nobody can use it any more.";
/// A key of elsewhere, or none: which of them is nobody's business here.
const ELSEWHERE: &str = "That was a full secret. Treat it as exposed: rotate its key. It is none \
    of this workspace.";

/// On to the same search without the secret.
pub async fn answer(
    place: &InWorkspace,
    db: &Db,
    (query, id): (&ListQuery, ApiKeyId),
    now: DateTime<Utc>,
) -> Result<HttpResponse, PageError> {
    let (account, workspace) = (place.account, place.workspace.id);
    let found = db
        .run(move |conn| api_keys::find(conn, account, workspace, id))
        .await;
    let flash = match found {
        Ok(key) if key.times.state(now).is_ended() => Flash::info(ENDED),
        Ok(_) => Flash::warning(ROTATE),
        Err(DbError::NotFound) => Flash::warning(ELSEWHERE),
        Err(error) => return Err(error.into()),
    };
    let known = flash.text != ELSEWHERE;
    place.flash(&if known {
        flash.with_link(keys::url_in(&place.root(), id), "Open the key")
    } else {
        flash
    })?;
    Ok(see_other(&query.url(&urls::keys_in(&place.root()), None)))
}
