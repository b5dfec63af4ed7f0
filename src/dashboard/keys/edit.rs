//! Changing a key: the form as the key is, and what differs written once nobody else was faster.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;

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
use crate::dashboard::keys::edit_form::EXPIRED;
use crate::dashboard::keys::edit_form::EditFields;
use crate::dashboard::keys::edit_form::EditRules;
use crate::dashboard::keys::edited::EditedKey;
use crate::dashboard::keys::grant_form::GrantRules;
use crate::dashboard::keys::name_taken;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::keys::unchanged;
use crate::dashboard::keys::words_form::Words;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::InWorkspace;
use crate::db::Db;
use crate::db::api_keys;
use crate::db::api_keys::ALREADY_REVOKED;
use crate::db::api_keys::EDITED_MEANWHILE;
use crate::db::api_keys::EXPIRY_PAST;
use crate::db::api_keys::Edited;
use crate::db::api_keys::KeyEdit;
use crate::db::api_keys::NAME_TAKEN;
use crate::db::confirmation;
use crate::domain::clock::SharedClock;
use crate::domain::key_prefix::KeyPrefix;

mod page;
mod race;

use page::EditPage;

type Tools = (ThinData<Db>, ThinData<SharedClock>);

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let source = (&db.0, &settings.offers);
    let edited = EditedKey::read(&place, &request, source, clock.now()).await?;
    if edited.key.times.revoked_at.is_some() {
        return unchanged::revoked(&place, &request, (&edited.key, edited.now));
    }
    let fields = EditFields::of(&edited.key, &edited.offer);
    let page = EditPage::new(&place, edited, fields)?;
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
    if edited.key.times.revoked_at.is_some() {
        return unchanged::revoked(&place, &request, (&edited.key, edited.now));
    }
    let fields = EditFields::sent(&form);
    let edit = match edited.rules(&place, &settings.prefix).check(&form) {
        Ok(edit) => edit,
        Err(errors) => {
            let page = EditPage::new(&place, edited, fields)?;
            return Ok(refused(&request, page, errors));
        }
    };
    let (actor, now, wanted) = (place.actor(), edited.now, edit.clone());
    let outcome = db
        .run(move |conn| api_keys::edit(conn, &actor, now, &wanted))
        .await;
    let error = match outcome {
        Ok(done) => return saved(&place, &db, (&edit, done), &clock).await,
        Err(error) => error,
    };
    if error.is_conflict_on(EDITED_MEANWHILE) || error.is_conflict_on(ALREADY_REVOKED) {
        let edited = EditedKey::read(&place, &request, source, now).await?;
        if edited.key.times.revoked_at.is_some() {
            return unchanged::revoked(&place, &request, (&edited.key, now));
        }
        return race::page(&place, &request, &edited, (&edit, &fields));
    }
    let mut errors = FormErrors::default();
    let mut page = EditPage::new(&place, edited, fields)?;
    if error.is_conflict_on(NAME_TAKEN) {
        let (account, name) = (edit.account_id, edit.name.clone());
        let holder = db
            .run(move |conn| api_keys::name_holder(conn, account, &name))
            .await?;
        page.name_holder = name_taken::say(&place, holder, &mut errors)?;
    } else if error.is_conflict_on(EXPIRY_PAST) {
        errors.add("expires", EXPIRED);
    } else {
        return Err(error.into());
    }
    Ok(refused(&request, page, errors))
}

fn refused(request: &HttpRequest, page: EditPage, errors: FormErrors) -> HttpResponse {
    let page = EditPage { errors, ..page };
    Html(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(request)
}

/// To the key's page, with what the nodes said.
async fn saved(
    place: &InWorkspace,
    db: &Db,
    (edit, done): (&KeyEdit, Edited),
    clock: &SharedClock,
) -> Result<HttpResponse, PageError> {
    let name = edit.name.as_str();
    let flash = match done {
        Edited::Nothing => {
            Flash::info(format!("Nothing of {name} was different. It is as it was."))
        }
        Edited::NoteOnly => Flash::success(format!("The note of {name} is saved.")),
        Edited::Changed(seq) => {
            let confirmation = confirmation::wait_applied(db, seq).await?;
            let deed = Deed {
                done: format!("{name} is changed"),
                doing: format!("Changing {name}"),
                effect: Effect::Changes,
            };
            confirmed::told(&deed, &confirmation, clock.now())
        }
    };
    place.flash(&flash)?;
    Ok(see_other(&keys::url(&place.workspace.slug, edit.id)))
}

impl EditedKey {
    fn rules<'a>(&'a self, place: &'a InWorkspace, prefix: &'a KeyPrefix) -> EditRules<'a> {
        EditRules {
            key: &self.key,
            grants: GrantRules {
                offer: &self.offer,
                rights: self.rights(place),
                kept: Some(&self.key.grant),
                words: Words { prefix },
            },
            asked: self.asked(place),
            now: self.now,
        }
    }
}
