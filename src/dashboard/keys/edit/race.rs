//! Two people changed one key: the second sees both states and decides, knowing.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use askama::Template;

use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::keys;
use crate::dashboard::keys::edit_form::EditFields;
use crate::dashboard::keys::edited::EditedKey;
use crate::dashboard::keys::settings_words;
use crate::dashboard::keys::settings_words::Difference;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::InWorkspace;
use crate::db::api_keys::KeyEdit;

#[derive(Template)]
#[template(path = "keys/edit_race.html")]
struct RacePage {
    page: PageContext,
    name: String,
    differences: Vec<Difference>,
    /// What was sent, to be sent again on top of the version now.
    fields: Vec<(&'static str, String)>,
    key_url: String,
}

/// 409: somebody changed the key after this form was opened.
pub(super) fn page(
    place: &InWorkspace,
    request: &HttpRequest,
    edited: &EditedKey,
    (edit, fields): (&KeyEdit, &EditFields),
) -> Result<HttpResponse, PageError> {
    let key = &edited.key;
    let differences = settings_words::differences(key, edit, &edited.offer, edited.now);
    let key_url = keys::url(&place.workspace.slug, key.id);
    if differences.is_empty() {
        // Both wanted the same.
        place.flash(&Flash::info(format!("{} is so already.", key.name)))?;
        return Ok(see_other(&key_url));
    }
    let mut resent = fields.pairs();
    resent.push(("version", key.version.to_string()));
    let page = RacePage {
        page: place.page(Section::Keys)?,
        name: key.name.clone(),
        differences,
        fields: resent,
        key_url,
    };
    Ok(Html(StatusCode::CONFLICT, page).respond_to(request))
}
