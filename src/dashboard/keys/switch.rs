//! A key switched off or on again, and the nodes' word that it is so.

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
use crate::dashboard::signed_in::InWorkspace;
use crate::db::Db;
use crate::db::api_keys;
use crate::db::api_keys::NOTHING_TO_SWITCH;
use crate::db::api_keys::Switch;
use crate::db::confirmation;
use crate::domain::clock::SharedClock;

/// Ends at the key's page, which has the button that undoes it.
pub async fn post(
    place: &InWorkspace,
    request: &HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
    switch: Switch,
) -> Result<HttpResponse, PageError> {
    let (doing, done, effect) = match switch {
        Switch::Off => ("Disabling", "disabled", Effect::Ends),
        Switch::On => ("Enabling", "enabled", Effect::Begins),
    };
    let asked = Asked::read(place, request, &db, (doing, clock.now())).await?;
    let (actor, now) = (place.actor(), clock.now());
    let key = (place.account, place.workspace.id, asked.key.id);
    let switched = db
        .run(move |conn| api_keys::switch(conn, &actor, now, key, switch))
        .await;
    let seq = match switched {
        Ok(seq) => seq,
        Err(error) if error.is_conflict_on(NOTHING_TO_SWITCH) => {
            let asked = Asked::read(place, request, &db, (doing, now)).await?;
            return match switch {
                _ if asked.key.times.revoked_at.is_some() => {
                    unchanged::already_revoked(place, request, &asked)
                }
                Switch::Off => unchanged::already_disabled(place, request, &asked),
                Switch::On => unchanged::already_enabled(place, request, &asked),
            };
        }
        Err(error) => return Err(error.into()),
    };
    let confirmation = confirmation::wait_applied(&db, seq).await?;
    let deed = Deed {
        done: format!("{} is {done}", asked.key.name),
        doing: format!("{doing} {}", asked.key.name),
        effect,
    };
    place.flash(&confirmed::told(&deed, &confirmation, clock.now()))?;
    Ok(see_other(&keys::url(&place.workspace.slug, asked.key.id)))
}
