//! The overlap of two secrets, ended or put off by one press. Neither asks: the page beside the
//! buttons says what the old secret does.

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
use crate::dashboard::moment::Moment;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::InWorkspace;
use crate::db::Db;
use crate::db::api_keys;
use crate::db::api_keys::NO_OVERLAP;
use crate::db::api_keys::NO_SECOND_EXTENSION;
use crate::db::confirmation;
use crate::domain::clock::SharedClock;

type Tools = (ThinData<Db>, ThinData<SharedClock>);

pub async fn end(
    place: InWorkspace,
    _form: Posted,
    request: HttpRequest,
    (db, clock): Tools,
) -> Result<HttpResponse, PageError> {
    let doing = "Ending the old secret of";
    let asked = Asked::read(&place, &request, &db, (doing, clock.now())).await?;
    let (actor, now) = (place.actor(), asked.now);
    let key = (place.account, place.workspace.id, asked.key.id);
    let ended = db
        .run(move |conn| api_keys::end_overlap(conn, &actor, now, key))
        .await;
    let seq = match ended {
        Ok(seq) => seq,
        Err(error) if error.is_conflict_on(NO_OVERLAP) => {
            let asked = Asked::read(&place, &request, &db, (doing, now)).await?;
            return unchanged::no_overlap(&place, &request, &asked);
        }
        Err(error) => return Err(error.into()),
    };
    let confirmation = confirmation::wait_applied(&db, seq).await?;
    let name = &asked.key.name;
    let deed = Deed {
        done: format!("The old secret of {name} is ended"),
        doing: format!("Ending the old secret of {name}"),
        effect: Effect::Ends,
    };
    place.flash(&confirmed::told(&deed, &confirmation, clock.now()))?;
    Ok(see_other(&keys::url(&place.workspace.slug, asked.key.id)))
}

pub async fn extend(
    place: InWorkspace,
    _form: Posted,
    request: HttpRequest,
    (db, clock): Tools,
) -> Result<HttpResponse, PageError> {
    let doing = "Extending the old secret of";
    let asked = Asked::read(&place, &request, &db, (doing, clock.now())).await?;
    let (actor, now) = (place.actor(), asked.now);
    let key = (place.account, place.workspace.id, asked.key.id);
    let extended = db
        .run(move |conn| api_keys::extend_overlap(conn, &actor, now, key))
        .await;
    let (seq, ends_at) = match extended {
        Ok(extended) => extended,
        Err(error) if error.is_conflict_on(NO_OVERLAP) => {
            let asked = Asked::read(&place, &request, &db, (doing, now)).await?;
            return unchanged::no_overlap(&place, &request, &asked);
        }
        Err(error) if error.is_conflict_on(NO_SECOND_EXTENSION) => {
            let asked = Asked::read(&place, &request, &db, (doing, now)).await?;
            return unchanged::no_second_extension(&place, &request, &asked);
        }
        Err(error) => return Err(error.into()),
    };
    let confirmation = confirmation::wait_applied(&db, seq).await?;
    let (name, ends) = (&asked.key.name, Moment::new(ends_at, now).at());
    let deed = Deed {
        done: format!("The old secret of {name} works until {ends}"),
        doing: format!("Extending the old secret of {name}"),
        effect: Effect::Changes,
    };
    place.flash(&confirmed::told(&deed, &confirmation, clock.now()))?;
    Ok(see_other(&keys::url(&place.workspace.slug, asked.key.id)))
}
