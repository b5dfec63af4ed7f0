//! Switching a key on again: nothing is asked, because nothing is lost by it.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::ThinData;

use crate::dashboard::confirmed;
use crate::dashboard::confirmed::Deed;
use crate::dashboard::confirmed::Effect;
use crate::dashboard::error::PageError;
use crate::dashboard::html::see_other;
use crate::dashboard::keys;
use crate::dashboard::keys::asked::Asked;
use crate::dashboard::keys::unchanged;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::InWorkspace;
use crate::db::Db;
use crate::db::api_keys;
use crate::db::api_keys::NOTHING_TO_SWITCH;
use crate::db::api_keys::Switch;
use crate::db::confirmation;
use crate::domain::clock::SharedClock;

const DOING: &str = "Enabling";

pub async fn post(
    place: InWorkspace,
    _form: Posted,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&place, &request, &db, (DOING, clock.now())).await?;
    let (actor, now) = (place.actor(), clock.now());
    let key = (place.account, place.workspace.id, asked.key.id);
    let switched = db
        .run(move |conn| api_keys::switch(conn, &actor, now, key, Switch::On))
        .await;
    let seq = match switched {
        Ok(seq) => seq,
        Err(error) if error.is_conflict_on(NOTHING_TO_SWITCH) => {
            let asked = Asked::read(&place, &request, &db, (DOING, now)).await?;
            return if asked.key.times.revoked_at.is_some() {
                unchanged::already_revoked(&place, &request, &asked)
            } else {
                unchanged::already_enabled(&place, &request, &asked)
            };
        }
        Err(error) => return Err(error.into()),
    };
    let confirmation = confirmation::wait_applied(&db, seq).await?;
    let deed = Deed {
        done: format!("{} is enabled", asked.key.name),
        doing: format!("Enabling {}", asked.key.name),
        effect: Effect::Begins,
    };
    place.flash(&confirmed::told(&deed, &confirmation, clock.now()))?;
    Ok(see_other(&keys::url(&place.workspace.slug, asked.key.id)))
}
