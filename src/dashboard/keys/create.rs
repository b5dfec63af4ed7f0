//! A new key: the form, and the one answer that shows its secret.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use chrono::DateTime;
use chrono::Utc;

use crate::crypto::key_secret::PlainKey;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::dialog_or_page;
use crate::dashboard::html::see_other;
use crate::dashboard::keys::create_form::CreateFields;
use crate::dashboard::keys::create_form::CreateRules;
use crate::dashboard::keys::create_form::NO_POLICY;
use crate::dashboard::keys::create_form::ValidKey;
use crate::dashboard::keys::like;
use crate::dashboard::keys::making;
use crate::dashboard::keys::making::Made;
use crate::dashboard::keys::name_taken;
use crate::dashboard::keys::reveal;
use crate::dashboard::keys::reveal::RevealPage;
use crate::dashboard::keys::reveal::Revealed;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::catalogue::Offer;
use crate::db::catalogue::Offers;
use crate::db::confirmation;
use crate::db::key_policies;
use crate::domain::account::WorkspaceId;
use crate::domain::clock::SharedClock;
use crate::domain::key_policy::KeyPolicy;
use crate::domain::random::SharedRandom;
use crate::domain::viewer::WorkspaceAccess;

mod page;

use page::CreatePage;

type Tools = (ThinData<Db>, ThinData<SharedClock>, ThinData<SharedRandom>);

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock, random): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    require_creator(&place)?;
    place.require_recent(&request)?;
    let (now, workspace) = (clock.now(), place.workspace.id);
    let account = place.account;
    let terms = Terms::read(&place, &db, &settings.offers).await?;
    let like = match like::key_in(&request)? {
        None => None,
        Some(id) => {
            let found = db.run(move |conn| api_keys::find(conn, account, workspace, id));
            Some(found.await?)
        }
    };
    let (offer, policy) = (&terms.offer, terms.policy(workspace));
    let rights = offer.catalogue.rights.of(place.workspace.role);
    let offered = CreateFields::offered(&place.workspace.slug, policy, now);
    let fields = match (place.kept_form(&request)?, &like) {
        (Some(kept), _) => CreateFields::sent(&kept),
        (None, None) => offered,
        (None, Some(key)) => CreateFields::like(key, offered, offer, rights).within(policy, now),
    };
    let mut page = CreatePage::new(&place, fields, &terms, (now, &**random))?;
    page.like = like.map(|key| key.name);
    Ok(dialog_or_page(&request, page.as_dialog(), &page))
}

pub async fn post(
    place: InWorkspace,
    form: Posted,
    request: HttpRequest,
    (db, clock, random): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    require_creator(&place)?;
    place.require_recent_to_send(&request, &form)?;
    let now = clock.now();
    let terms = Terms::read(&place, &db, &settings.offers).await?;
    let rules = CreateRules {
        here: &place.workspace.slug,
        workspaces: &creatable(&place)?,
        offer: &terms.offer,
        prefix: &settings.prefix,
        policies: &terms.policies,
        now,
    };
    let (valid, mut errors, mut holder) = match rules.check(&form) {
        Ok(valid) => (Some(valid), FormErrors::default(), None),
        Err(errors) => (None, errors, None),
    };
    if let Some(valid) = valid {
        let plain = making::plain_key(&settings, &**random)?;
        let new = making::new_key(&place, &settings, &plain, &valid);
        let actor = place.actor();
        match db
            .run(move |conn| making::make(conn, &actor, now, &new))
            .await?
        {
            Made::Now(seq) => {
                // So that the first call with the key is not refused. The key is made in any case.
                if let Err(error) = confirmation::wait_applied(&db, seq).await {
                    tracing::warn!(%error, "a new key may take a moment to be known everywhere");
                }
                return reveal(&place, &request, &settings, (plain, &valid, now));
            }
            Made::Before(key) => {
                place.flash(&Flash::info(SHOWN_ONCE))?;
                let list = urls::keys(&key.workspace_slug);
                return Ok(see_other(&format!("{list}/{}", key.key_id)));
            }
            Made::NameTaken(by) => holder = Some(by),
            Made::TooMany => errors.add("workspace", too_many(&valid)),
            Made::Refused => errors.add("", "This form was used before. Send it again."),
        }
    }
    let fields = CreateFields::sent(&form);
    let mut page = CreatePage::new(&place, fields, &terms, (now, &**random))?;
    page.errors = errors;
    if let Some(holder) = holder {
        page.name_holder = name_taken::say(&place, holder, &mut page.errors)?;
    }
    Ok(Html(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(&request))
}

const SHOWN_ONCE: &str = "This key already exists. Its secret was shown once.";

fn too_many(valid: &ValidKey<'_>) -> String {
    format!(
        "{} has {} keys, which is the most. Revoke those that nobody uses, or choose another \
         workspace.",
        valid.workspace.name,
        number::grouped(api_keys::WORKSPACE_KEYS_MAX)
    )
}

fn reveal(
    place: &InWorkspace,
    request: &HttpRequest,
    settings: &KeySettings,
    (plain, valid, now): (PlainKey, &ValidKey<'_>, DateTime<Utc>),
) -> Result<HttpResponse, PageError> {
    let page = place.person.page(Section::Keys, valid.workspace)?;
    let key = Revealed {
        name: valid.name.as_str().to_owned(),
        workspace_slug: valid.workspace.slug.clone(),
        workspace: valid.workspace.name.clone(),
        scope: valid.scope.clone(),
        expires: valid.expires_at.map(|at| Moment::new(at, now)),
        rotated: None,
    };
    let page = RevealPage::new(page, plain, settings, key);
    Ok(reveal::answer(request, page))
}

/// The door let in those whose role is enough; the workspace's key policy may ask for more.
fn require_creator(place: &InWorkspace) -> Result<(), PageError> {
    let workspace = &place.workspace;
    if workspace.may_create_keys() {
        return Ok(());
    }
    Err(PageError::Forbidden(format!(
        "The key policy of {0} lets only its admins create keys. Ask an admin of {0} to create \
         one for you, or to change the policy.",
        workspace.name
    )))
}

/// Where this person may create keys.
fn creatable(place: &InWorkspace) -> Result<Vec<&WorkspaceAccess>, PageError> {
    let workspaces = place.person.membership()?.workspaces.iter();
    Ok(workspaces
        .filter(|workspace| workspace.developers && workspace.may_create_keys())
        .collect())
}

/// What keys can be given, and what the workspaces ask of them.
struct Terms {
    offer: Arc<Offer>,
    /// Of those that have one, where this person may create keys.
    policies: HashMap<WorkspaceId, KeyPolicy>,
}

impl Terms {
    async fn read(place: &InWorkspace, db: &Db, offers: &Offers) -> Result<Self, PageError> {
        let (account, offers) = (place.account, offers.clone());
        let places: Vec<WorkspaceId> = creatable(place)?.iter().map(|one| one.id).collect();
        let read = db.run(move |conn| {
            Ok::<_, DbError>(Self {
                offer: offers.read(conn)?,
                policies: key_policies::of(conn, account, &places)?,
            })
        });
        Ok(read.await?)
    }

    fn policy(&self, workspace: WorkspaceId) -> &KeyPolicy {
        self.policies.get(&workspace).unwrap_or(&NO_POLICY)
    }
}
