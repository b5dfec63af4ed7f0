//! Moving a key to the newer version of its preset: what that changes, one press, the nodes' word.
//! It never happens by itself, for it may widen what a key can do.

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
use crate::dashboard::html::Html;
use crate::dashboard::html::dialog_or_page;
use crate::dashboard::html::see_other;
use crate::dashboard::keys;
use crate::dashboard::keys::edited::EditedKey;
use crate::dashboard::keys::grant_words::PresetUpdate;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::keys::unchanged;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::InWorkspace;
use crate::db::Db;
use crate::db::api_keys;
use crate::db::api_keys::ALREADY_REVOKED;
use crate::db::api_keys::EDITED_MEANWHILE;
use crate::db::api_keys::Edited;
use crate::db::api_keys::KeyEdit;
use crate::db::confirmation;
use crate::domain::clock::SharedClock;

type Tools = (ThinData<Db>, ThinData<SharedClock>);

#[derive(Template)]
#[template(path = "keys/preset.html", blocks = ["dialog"])]
struct UpdatePage {
    page: PageContext,
    name: String,
    update: PresetUpdate,
    /// The key's, so that nobody updates what they did not see.
    version: i32,
    /// The form that was sent showed something else.
    is_stale: bool,
    key_url: String,
}

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let source = (&db.0, &settings.offers);
    let edited = EditedKey::read(&place, &request, source, clock.now()).await?;
    let Some(update) = update(&place, &edited)? else {
        return nothing_to_do(&place, &request, &edited);
    };
    let page = UpdatePage::new(&place, &edited, update)?;
    Ok(dialog_or_page(&request, page.as_dialog(), &page))
}

pub async fn post(
    place: InWorkspace,
    form: Posted,
    request: HttpRequest,
    (db, clock): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let source = (&db.0, &settings.offers);
    let edited = EditedKey::read(&place, &request, source, clock.now()).await?;
    let Some(update) = update(&place, &edited)? else {
        return nothing_to_do(&place, &request, &edited);
    };
    let seen = (form.get("version").parse(), form.get("to").parse());
    if seen != (Ok(edited.key.version), Ok(update.to)) {
        return stale(&place, &request, &edited, update);
    }
    let mut edit = KeyEdit::of(&edited.key).map_err(PageError::internal)?;
    edit.grant.version = update.to;
    let (actor, now) = (place.actor(), edited.now);
    let outcome = db
        .run(move |conn| api_keys::edit(conn, &actor, now, &edit))
        .await;
    let key = &edited.key;
    let flash = match outcome {
        Ok(Edited::Changed(seq)) => {
            let confirmation = confirmation::wait_applied(&db, seq).await?;
            let (name, label, to) = (&key.name, &update.label, update.to);
            let deed = Deed {
                done: format!("{name} has version {to} of {label}"),
                doing: format!("Giving {name} version {to} of {label}"),
                effect: Effect::Changes,
            };
            confirmed::told(&deed, &confirmation, clock.now())
        }
        Ok(Edited::Nothing | Edited::NoteOnly) => {
            return nothing_to_do(&place, &request, &edited);
        }
        Err(error)
            if error.is_conflict_on(EDITED_MEANWHILE) || error.is_conflict_on(ALREADY_REVOKED) =>
        {
            let edited = EditedKey::read(&place, &request, source, now).await?;
            return match self::update(&place, &edited)? {
                Some(update) => stale(&place, &request, &edited, update),
                None => nothing_to_do(&place, &request, &edited),
            };
        }
        Err(error) => return Err(error.into()),
    };
    place.flash(&flash)?;
    Ok(see_other(&keys::url(&place.workspace.slug, key.id)))
}

/// `None` where the key takes no update; refused to who could not have given the key as much.
fn update(place: &InWorkspace, edited: &EditedKey) -> Result<Option<PresetUpdate>, PageError> {
    if edited.key.times.revoked_at.is_some() {
        return Ok(None);
    }
    let Some(update) = PresetUpdate::of(&edited.key, &edited.offer) else {
        return Ok(None);
    };
    if !edited.policy.allows_scope(&edited.key.grant.scope) {
        return Err(PageError::Forbidden(format!(
            "The key policy of {} does not allow the scope {} any more, so {} stays as it is.",
            place.workspace.name, update.label, edited.key.name
        )));
    }
    if edited.rights(place).cover(&update.permissions) {
        return Ok(Some(update));
    }
    Err(PageError::Forbidden(format!(
        "Version {} of {} is more than your role here may do. An admin of {} can update {}.",
        update.to, update.label, place.workspace.name, edited.key.name
    )))
}

fn nothing_to_do(
    place: &InWorkspace,
    request: &HttpRequest,
    edited: &EditedKey,
) -> Result<HttpResponse, PageError> {
    let key = (&edited.key, edited.now);
    if edited.key.times.revoked_at.is_some() {
        unchanged::revoked(place, request, key)
    } else {
        unchanged::already_latest(place, request, key)
    }
}

/// 409: the key or its preset was changed after the form was opened.
fn stale(
    place: &InWorkspace,
    request: &HttpRequest,
    edited: &EditedKey,
    update: PresetUpdate,
) -> Result<HttpResponse, PageError> {
    let page = UpdatePage {
        is_stale: true,
        ..UpdatePage::new(place, edited, update)?
    };
    Ok(Html(StatusCode::CONFLICT, page).respond_to(request))
}

impl UpdatePage {
    fn new(
        place: &InWorkspace,
        edited: &EditedKey,
        update: PresetUpdate,
    ) -> Result<Self, PageError> {
        Ok(Self {
            page: place.page(Section::Keys)?,
            name: edited.key.name.clone(),
            update,
            version: edited.key.version,
            is_stale: false,
            key_url: keys::url(&place.workspace.slug, edited.key.id),
        })
    }

    fn submit_label(&self) -> String {
        format!("Update to version {}", self.update.to)
    }
}
