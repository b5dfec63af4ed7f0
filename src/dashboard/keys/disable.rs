//! Switching a key off, which can be undone: the facts, one press, the nodes' word.

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
use crate::dashboard::html::see_other;
use crate::dashboard::keys;
use crate::dashboard::keys::asked::Asked;
use crate::dashboard::keys::impact;
use crate::dashboard::keys::is_dialog;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::keys::unchanged;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::InWorkspace;
use crate::db::Db;
use crate::db::api_keys;
use crate::db::api_keys::LiveFacts;
use crate::db::api_keys::NOTHING_TO_SWITCH;
use crate::db::api_keys::Switch;
use crate::db::confirmation;
use crate::domain::clock::SharedClock;

type Tools = (ThinData<Db>, ThinData<SharedClock>);

const DOING: &str = "Disabling";

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&place, &request, &db, (DOING, clock.now())).await?;
    if asked.key.times.revoked_at.is_some() {
        return unchanged::already_revoked(&place, &request, &asked);
    }
    if asked.key.times.disabled_at.is_some() {
        return unchanged::already_disabled(&place, &request, &asked);
    }
    let page = DisablePage::new(&place, &settings, asked)?;
    Ok(if is_dialog(&request) {
        Html(StatusCode::OK, page.as_dialog()).respond_to(&request)
    } else {
        Html(StatusCode::OK, page).respond_to(&request)
    })
}

pub async fn post(
    place: InWorkspace,
    _form: Posted,
    request: HttpRequest,
    (db, clock): Tools,
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&place, &request, &db, (DOING, clock.now())).await?;
    let (actor, now) = (place.actor(), clock.now());
    let key = (place.account, place.workspace.id, asked.key.id);
    let switched = db
        .run(move |conn| api_keys::switch(conn, &actor, now, key, Switch::Off))
        .await;
    let seq = match switched {
        Ok(seq) => seq,
        Err(error) if error.is_conflict_on(NOTHING_TO_SWITCH) => {
            let asked = Asked::read(&place, &request, &db, (DOING, now)).await?;
            return if asked.key.times.revoked_at.is_some() {
                unchanged::already_revoked(&place, &request, &asked)
            } else {
                unchanged::already_disabled(&place, &request, &asked)
            };
        }
        Err(error) => return Err(error.into()),
    };
    let confirmation = confirmation::wait_applied(&db, seq).await?;
    let deed = Deed {
        done: format!("{} is disabled", asked.key.name),
        doing: format!("Disabling {}", asked.key.name),
        effect: Effect::Ends,
    };
    let told = confirmed::told(&deed, &confirmation, clock.now());
    // The key's page has the button that enables it again.
    let key_url = keys::url(&place.workspace.slug, asked.key.id);
    place.flash(&told)?;
    Ok(see_other(&key_url))
}

#[derive(Template)]
#[template(path = "keys/disable.html", blocks = ["dialog"])]
struct DisablePage {
    page: PageContext,
    name: String,
    last_used: Option<Moment>,
    facts: LiveFacts,
    /// How soon every node has stopped taking it, in words.
    bound: String,
    key_url: String,
}

impl DisablePage {
    fn new(place: &InWorkspace, settings: &KeySettings, asked: Asked) -> Result<Self, PageError> {
        Ok(Self {
            page: place.page(Section::Keys)?,
            last_used: asked.last_used(),
            facts: asked.facts,
            bound: settings.revoked_within_words(),
            key_url: keys::url(&place.workspace.slug, asked.key.id),
            name: asked.key.name,
        })
    }

    fn used(&self) -> String {
        impact::used(self.last_used.as_ref(), &self.facts)
    }

    fn traffic(&self) -> String {
        impact::traffic(&self.facts)
    }

    fn submit_label(&self) -> String {
        format!("Disable {}", self.name)
    }
}
