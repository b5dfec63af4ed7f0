//! Ending a key for ever: the facts first, then the question, then the nodes' word.

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
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::dialog_or_page;
use crate::dashboard::html::see_other;
use crate::dashboard::keys;
use crate::dashboard::keys::asked::Asked;
use crate::dashboard::keys::impact;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::keys::unchanged;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::api_keys;
use crate::db::api_keys::ALREADY_REVOKED;
use crate::db::api_keys::LiveFacts;
use crate::db::api_keys::Revocation;
use crate::db::confirmation;
use crate::domain::api_key;
use crate::domain::clock::SharedClock;

/// Why a key is revoked, as people may say it.
pub(super) const REASONS: &[(&str, &str)] = &[
    ("leaked", "Leaked"),
    ("unused", "Unused"),
    ("replaced", "Replaced"),
    ("other", "Other"),
];

type Tools = (ThinData<Db>, ThinData<SharedClock>);

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&place, &request, &db, ("Revoking", clock.now())).await?;
    if asked.key.times.revoked_at.is_some() {
        return unchanged::already_revoked(&place, &request, &asked);
    }
    let page = RevokePage::new(&place, &settings, asked)?;
    Ok(dialog_or_page(&request, page.as_dialog(), &page))
}

pub async fn post(
    place: InWorkspace,
    form: Posted,
    request: HttpRequest,
    (db, clock): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&place, &request, &db, ("Revoking", clock.now())).await?;
    if asked.key.times.revoked_at.is_some() {
        return unchanged::already_revoked(&place, &request, &asked);
    }
    let (confirm, reason) = (form.get("confirm"), form.get("reason"));
    let errors = faults(&asked, confirm, reason);
    if !errors.is_empty() {
        let page = RevokePage {
            errors,
            // What could be a whole key is not repeated.
            confirm: confirm.chars().take(CONFIRM_SHOWN).collect(),
            reason: reason.to_owned(),
            ..RevokePage::new(&place, &settings, asked)?
        };
        return Ok(Html(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(&request));
    }
    let reason = Some(reason.to_owned()).filter(|reason| !reason.is_empty());
    let (actor, now, id) = (place.actor(), clock.now(), asked.key.id);
    let (account_id, workspace_id) = (place.account, place.workspace.id);
    let revoked = db
        .run(move |conn| {
            let revocation = Revocation {
                account_id,
                workspace_id,
                id,
                reason: reason.as_deref(),
            };
            api_keys::revoke(conn, &actor, now, &revocation)
        })
        .await;
    let seq = match revoked {
        Ok(seq) => seq,
        Err(error) if error.is_conflict_on(ALREADY_REVOKED) => {
            let asked = Asked::read(&place, &request, &db, ("Revoking", now)).await?;
            return unchanged::already_revoked(&place, &request, &asked);
        }
        Err(error) => return Err(error.into()),
    };
    let confirmation = confirmation::wait_applied(&db, seq).await?;
    let key_url = keys::url(&place.workspace.slug, id);
    let deed = Deed {
        done: format!("{} is revoked", asked.key.name),
        doing: format!("Revoking {}", asked.key.name),
        effect: Effect::Ends,
    };
    let told = confirmed::told(&deed, &confirmation, clock.now());
    place.flash(&told.with_link(&key_url, "Open the key"))?;
    Ok(see_other(&urls::keys(&place.workspace.slug)))
}

/// More of a wrong answer is not shown again.
const CONFIRM_SHOWN: usize = 4;

fn faults(asked: &Asked, confirm: &str, reason: &str) -> FormErrors {
    let mut errors = FormErrors::default();
    if impact::is_busy(&asked.facts) && confirm.trim() != asked.key.last_four() {
        errors.add(
            "confirm",
            "Enter the last four characters of this key, in the same case.",
        );
    }
    if !reason.is_empty() && !REASONS.iter().any(|(slug, _)| *slug == reason) {
        errors.add("reason", "Choose one of the reasons, or none.");
    }
    errors
}

#[derive(Template)]
#[template(path = "keys/revoke.html", blocks = ["dialog"])]
struct RevokePage {
    page: PageContext,
    errors: FormErrors,
    name: String,
    masked: String,
    last_used: Option<Moment>,
    facts: LiveFacts,
    /// How soon every node has stopped taking it, in words.
    bound: String,
    confirm: String,
    reason: String,
    key_url: String,
    action: String,
}

impl RevokePage {
    fn new(place: &InWorkspace, settings: &KeySettings, asked: Asked) -> Result<Self, PageError> {
        let last_used = asked.last_used();
        let key = asked.key;
        let key_url = keys::url(&place.workspace.slug, key.id);
        Ok(Self {
            page: place.page(Section::Keys)?,
            errors: FormErrors::default(),
            masked: api_key::masked(settings.prefix.as_str(), key.id, key.last_four()),
            last_used,
            name: key.name,
            facts: asked.facts,
            bound: settings.revoked_within_words(),
            confirm: String::new(),
            reason: String::new(),
            action: format!("{key_url}/revoke"),
            key_url,
        })
    }

    fn is_busy(&self) -> bool {
        impact::is_busy(&self.facts)
    }

    fn used(&self) -> String {
        impact::used(self.last_used.as_ref(), &self.facts)
    }

    fn traffic(&self) -> String {
        impact::traffic(&self.facts)
    }

    fn confirm_hint(&self) -> String {
        format!("This key is in use. They are at the end of {}", self.masked)
    }

    fn submit_label(&self) -> String {
        format!("Revoke {}", self.name)
    }
}
