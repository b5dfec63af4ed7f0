//! Switching a key off, which can be undone: the facts, one press, the nodes' word.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::ThinData;
use askama::Template;

use crate::dashboard::error::PageError;
use crate::dashboard::html::dialog_or_page;
use crate::dashboard::keys;
use crate::dashboard::keys::asked::Asked;
use crate::dashboard::keys::impact;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::keys::switch;
use crate::dashboard::keys::unchanged;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::InWorkspace;
use crate::db::Db;
use crate::db::api_keys::LiveFacts;
use crate::db::api_keys::Switch;
use crate::domain::clock::SharedClock;

type Tools = (ThinData<Db>, ThinData<SharedClock>);

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&place, &request, &db, ("Disabling", clock.now())).await?;
    if asked.key.times.revoked_at.is_some() {
        return unchanged::already_revoked(&place, &request, &asked);
    }
    if asked.key.times.disabled_at.is_some() {
        return unchanged::already_disabled(&place, &request, &asked);
    }
    let page = DisablePage::new(&place, &settings, asked)?;
    Ok(dialog_or_page(&request, page.as_dialog(), &page))
}

pub async fn post(
    place: InWorkspace,
    _form: Posted,
    request: HttpRequest,
    tools: Tools,
) -> Result<HttpResponse, PageError> {
    switch::post(&place, &request, tools, Switch::Off).await
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
