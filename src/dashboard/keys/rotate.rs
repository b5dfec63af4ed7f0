//! A new secret for a key: the facts, how long the old one goes on, and the one answer that shows
//! the new one.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use chrono::DateTime;
use chrono::Utc;

use crate::crypto::key_secret::PlainKey;
use crate::dashboard::confirmed;
use crate::dashboard::confirmed::Deed;
use crate::dashboard::confirmed::Effect;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::dialog_or_page;
use crate::dashboard::html::see_other;
use crate::dashboard::keys;
use crate::dashboard::keys::asked::Asked;
use crate::dashboard::keys::policy_rules::PolicyRules;
use crate::dashboard::keys::reveal;
use crate::dashboard::keys::reveal::RevealPage;
use crate::dashboard::keys::reveal::Revealed;
use crate::dashboard::keys::reveal::RotatedSecret;
use crate::dashboard::keys::rotate::form::RotateFields;
use crate::dashboard::keys::rotate::form::ValidRotation;
use crate::dashboard::keys::rotate::page::RotatePage;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::keys::unchanged;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::InWorkspace;
use crate::db::Db;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::api_keys::Rotated;
use crate::db::api_keys::Rotation;
use crate::db::api_keys::SECRET_OPERATION_REPEATED;
use crate::db::confirmation;
use crate::db::key_policies;
use crate::domain::clock::SharedClock;
use crate::domain::key_state::KeyState;
use crate::domain::overlap::Overlap;
use crate::domain::random::SharedRandom;

mod form;
mod page;

type Tools = (ThinData<Db>, ThinData<SharedClock>, ThinData<SharedRandom>);

const DOING: &str = "Rotating";
const SHOWN_ONCE: &str = "This key was rotated already. Its secret was shown once.";
const WHICH_TO_DROP: &str =
    "Two secrets work now, and with the new one it would be three. Choose which one ends.";

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock, random): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&place, &request, &db, (DOING, clock.now())).await?;
    place.require_recent(&request)?;
    if !is_in_use(&asked) {
        return unchanged::not_rotated(&place, &request, &asked);
    }
    let fields = match place.kept_form(&request)? {
        Some(kept) => RotateFields::sent(&kept),
        None => RotateFields::offered(&asked.key),
    };
    let (account, workspace) = (place.account, place.workspace.id);
    let policy = db.run(move |conn| key_policies::find(conn, account, workspace));
    let asks = PolicyRules {
        policy: &policy.await?,
        workspace: &place.workspace.name,
    };
    let broken = asks.broken_by(&asked.key);
    let mut page = RotatePage::new(&place, (&settings, &**random), asked, fields)?;
    page.broken = broken;
    Ok(dialog_or_page(&request, page.as_dialog(), &page))
}

pub async fn post(
    place: InWorkspace,
    form: Posted,
    request: HttpRequest,
    (db, clock, random): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&place, &request, &db, (DOING, clock.now())).await?;
    place.require_recent_to_send(&request, &form)?;
    let mut errors = FormErrors::default();
    if let Some(valid) = form::check(&form, (&asked.key, asked.now), &mut errors) {
        let plain = PlainKey::generate(&settings.prefix, asked.key.id, &**random)
            .map_err(PageError::internal)?;
        match rotate(&place, &db, &asked, (&settings, &plain, &valid)).await {
            Ok(Rotated::Done { seq, ends_at }) => {
                let done = (&valid, ends_at);
                let told = told(&db, &clock, (&asked, seq), done).await;
                return show(&place, &request, &settings, (plain, &asked, told));
            }
            Ok(Rotated::Before) => {
                place.flash(&Flash::info(SHOWN_ONCE))?;
                return Ok(see_other(&keys::url(&place.workspace.slug, asked.key.id)));
            }
            Ok(Rotated::NotInUse | Rotated::Changed) => {
                let asked = Asked::read(&place, &request, &db, (DOING, asked.now)).await?;
                return unchanged::not_rotated(&place, &request, &asked);
            }
            Ok(Rotated::WhichToDrop) => errors.add("drop", WHICH_TO_DROP),
            Err(error) if error.is_conflict_on(SECRET_OPERATION_REPEATED) => {
                errors.add("", "This form was used before. Send it again.");
            }
            Err(error) => return Err(error.into()),
        }
    }
    let fields = RotateFields::sent(&form);
    let mut page = RotatePage::new(&place, (&settings, &**random), asked, fields)?;
    page.errors = errors;
    Ok(Html(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(&request))
}

/// An ended key gets no new secret, and a disabled one none that does not work.
fn is_in_use(asked: &Asked) -> bool {
    matches!(
        asked.key.times.state(asked.now),
        KeyState::Active | KeyState::Rotating
    )
}

async fn rotate(
    place: &InWorkspace,
    db: &Db,
    asked: &Asked,
    (settings, plain, valid): (&KeySettings, &PlainKey, &ValidRotation),
) -> Result<Rotated, DbError> {
    let rotation = Rotation {
        place: (place.account, place.workspace.id, asked.key.id),
        version: valid.version,
        overlap: valid.overlap,
        dropped: valid.dropped,
        operation: valid.operation,
        digest: settings.pepper.digest(plain.expose()),
        last_four: plain.last_four(),
    };
    let (actor, now) = (place.actor(), asked.now);
    db.run(move |conn| api_keys::rotate(conn, &actor, now, &rotation))
        .await
}

/// What became of the earlier secrets. The new one is there whatever the nodes say, and this is
/// the only answer that shows it.
async fn told(
    db: &Db,
    clock: &SharedClock,
    (asked, seq): (&Asked, i64),
    (valid, ends_at): (&ValidRotation, DateTime<Utc>),
) -> Flash {
    let name = &asked.key.name;
    let confirmation = match confirmation::wait_applied(db, seq).await {
        Ok(confirmation) => confirmation,
        Err(error) => {
            tracing::warn!(%error, "a rotation may take a moment to be known everywhere");
            return Flash::warning(format!(
                "{name} is rotated. It is not known yet whether every node goes by it."
            ));
        }
    };
    if valid.overlap != Overlap::Now && confirmation.is_complete() {
        let ends = Moment::new(ends_at, asked.now).at();
        return Flash::info(format!(
            "The old secret works until {ends}. The key’s page says when nothing uses it any more."
        ));
    }
    let deed = Deed {
        done: format!("The old secret of {name} is ended"),
        doing: format!("Rotating {name}"),
        effect: if valid.overlap == Overlap::Now {
            Effect::Ends
        } else {
            Effect::Changes
        },
    };
    confirmed::told(&deed, &confirmation, clock.now())
}

fn show(
    place: &InWorkspace,
    request: &HttpRequest,
    settings: &KeySettings,
    (plain, asked, told): (PlainKey, &Asked, Flash),
) -> Result<HttpResponse, PageError> {
    let key = &asked.key;
    let current = key.secrets.last();
    let revealed = Revealed {
        name: key.name.clone(),
        workspace_slug: place.workspace.slug.clone(),
        workspace: place.workspace.name.clone(),
        scope: key.scope.clone(),
        expires: key.times.expires_at.map(|at| Moment::new(at, asked.now)),
        rotated: Some(RotatedSecret {
            generation: current.map_or(1, |current| current.generation + 1),
            told,
        }),
    };
    let page = RevealPage::new(place.page(Section::Keys)?, plain, settings, revealed);
    Ok(reveal::answer(request, page))
}
