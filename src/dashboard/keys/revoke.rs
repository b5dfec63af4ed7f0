//! Ending a key for ever: the facts first, then the question, then the nodes' word.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::confirmed;
use crate::dashboard::confirmed::Deed;
use crate::dashboard::confirmed::Effect;
use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::keys;
use crate::dashboard::keys::impact;
use crate::dashboard::keys::is_dialog;
use crate::dashboard::keys::key_in;
use crate::dashboard::keys::settings::KeySettings;
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
use crate::domain::api_key::ApiKey;
use crate::domain::api_key::ApiKeyId;
use crate::domain::clock::SharedClock;

/// Why a key is revoked, as people may say it.
const REASONS: &[(&str, &str)] = &[
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
    let asked = Asked::read(&place, &request, &db, clock.now()).await?;
    if asked.key.times.revoked_at.is_some() {
        return already_revoked(&place, &request, asked);
    }
    let page = RevokePage::new(&place, &settings, asked)?;
    Ok(if is_dialog(&request) {
        Html(StatusCode::OK, page.as_dialog()).respond_to(&request)
    } else {
        Html(StatusCode::OK, page).respond_to(&request)
    })
}

pub async fn post(
    place: InWorkspace,
    form: Posted,
    request: HttpRequest,
    (db, clock): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&place, &request, &db, clock.now()).await?;
    if asked.key.times.revoked_at.is_some() {
        return already_revoked(&place, &request, asked);
    }
    let (confirm, reason) = (form.get("confirm"), form.get("reason"));
    let errors = asked.faults(confirm, reason);
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
            let asked = Asked::read(&place, &request, &db, now).await?;
            return already_revoked(&place, &request, asked);
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

/// The key in question and what it did lately.
struct Asked {
    key: ApiKey,
    facts: LiveFacts,
    now: DateTime<Utc>,
}

impl Asked {
    /// For those who may revoke the key.
    async fn read(
        place: &InWorkspace,
        request: &HttpRequest,
        db: &Db,
        now: DateTime<Utc>,
    ) -> Result<Self, PageError> {
        place.require_developers()?;
        let id: ApiKeyId = key_in(request)?;
        let (account, workspace) = (place.account, place.workspace.id);
        let (key, facts) = db
            .run(move |conn| {
                let key = api_keys::find(conn, account, workspace, id)?;
                let facts = api_keys::live_facts(conn, account, id, now)?;
                Ok((key, facts))
            })
            .await?;
        let own = key.created_by == place.person.viewer.id;
        if place.workspace.role.may_manage_key(own) {
            return Ok(Self { key, facts, now });
        }
        Err(PageError::Forbidden(format!(
            "Revoking {} takes its creator, {}, or an admin of {}.",
            key.name, key.creator_name, place.workspace.name
        )))
    }

    fn faults(&self, confirm: &str, reason: &str) -> FormErrors {
        let mut errors = FormErrors::default();
        if impact::is_busy(&self.facts) && confirm.trim() != self.key.last_four() {
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
}

fn already_revoked(
    place: &InWorkspace,
    request: &HttpRequest,
    asked: Asked,
) -> Result<HttpResponse, PageError> {
    let page = RevokedPage {
        page: place.page(Section::Keys)?,
        revoked_at: asked
            .key
            .times
            .revoked_at
            .map(|at| Moment::new(at, asked.now)),
        revoked_by: asked.key.revoked_by.unwrap_or_default(),
        key_url: keys::url(&place.workspace.slug, asked.key.id),
        list_url: urls::keys(&place.workspace.slug),
        name: asked.key.name,
    };
    Ok(Html(StatusCode::CONFLICT, page).respond_to(request))
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

/// Somebody was faster.
#[derive(Template)]
#[template(path = "keys/revoked.html")]
struct RevokedPage {
    page: PageContext,
    name: String,
    revoked_at: Option<Moment>,
    revoked_by: String,
    key_url: String,
    list_url: String,
}

impl RevokePage {
    fn new(place: &InWorkspace, settings: &KeySettings, asked: Asked) -> Result<Self, PageError> {
        let key = asked.key;
        let key_url = keys::url(&place.workspace.slug, key.id);
        Ok(Self {
            page: place.page(Section::Keys)?,
            errors: FormErrors::default(),
            masked: api_key::masked(settings.prefix.as_str(), key.id, key.last_four()),
            // The key's own time is some seconds late, the log's row may be gone.
            last_used: key
                .last_used_at
                .max(asked.facts.last_call_at)
                .map(|at| Moment::new(at, asked.now)),
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
