//! What a workspace asks of its keys, set by its admins.

mod form;
mod words;

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::settings::key_policy::form::CHOSEN;
use crate::dashboard::settings::key_policy::form::EVERY;
use crate::dashboard::settings::key_policy::form::PolicyFields;
use crate::dashboard::settings::key_policy::form::PolicyForm;
use crate::dashboard::settings::key_policy::words::Difference;
use crate::dashboard::settings::key_policy::words::ScopeBox;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::DbError;
use crate::db::catalogue::Offer;
use crate::db::key_policies;
use crate::db::key_policies::Breaking;
use crate::db::key_policies::CHANGED_MEANWHILE;
use crate::domain::clock::SharedClock;
use crate::domain::key_policy::KeyPolicy;

type Tools = (ThinData<Db>, ThinData<SharedClock>);

#[derive(Template)]
#[template(path = "settings/key_policy.html")]
struct PolicyPage {
    page: PageContext,
    errors: FormErrors,
    fields: PolicyFields,
    scopes: Vec<ScopeBox>,
    /// How many keys are not as the policy asks; empty where it asks nothing of them.
    breaking: String,
    /// Between the policy as it is now and the one that was sent meanwhile; empty but for a race.
    differences: Vec<Difference>,
    /// The choices of what is offered first: slugs and words.
    expiries: Vec<(&'static str, &'static str)>,
    action: String,
}

/// The policy as it is.
struct Current {
    policy: KeyPolicy,
    offer: Arc<Offer>,
    breaking: Breaking,
}

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    place.require_recent(&request)?;
    let current = Current::read(&place, &db, &settings, clock.now()).await?;
    let fields = match place.kept_form(&request)? {
        Some(kept) => PolicyFields::sent(&kept),
        None => PolicyFields::of(&current.policy),
    };
    let page = PolicyPage::new(&place, &current, fields)?;
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

pub async fn post(
    place: InWorkspace,
    posted: Posted,
    request: HttpRequest,
    (db, clock): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    place.require_recent_to_send(&request, &posted)?;
    let now = clock.now();
    let current = Current::read(&place, &db, &settings, now).await?;
    let form = PolicyForm {
        offer: &current.offer,
        before: &current.policy,
        now,
    };
    let fields = PolicyFields::sent(&posted);
    let wanted = match form.check(&posted) {
        Ok(wanted) => wanted,
        Err(errors) => {
            let page = PolicyPage {
                errors,
                ..PolicyPage::new(&place, &current, fields)?
            };
            return Ok(Html(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(&request));
        }
    };
    let (actor, at) = (place.actor(), (place.account, place.workspace.id));
    let asked = wanted.clone();
    let outcome = db
        .run(move |conn| key_policies::change(conn, &actor, now, at, &asked))
        .await;
    let name = &place.workspace.name;
    let flash = match outcome {
        Ok(true) => Flash::success(format!(
            "The key policy of {name} is saved. It is asked whenever a key is made or changed."
        )),
        Ok(false) => Flash::info("Nothing was different. The key policy is as it was."),
        Err(error) if error.is_conflict_on(CHANGED_MEANWHILE) => {
            let current = Current::read(&place, &db, &settings, now).await?;
            return race(&place, &request, &current, (&wanted, fields));
        }
        Err(error) => return Err(error.into()),
    };
    place.flash(&flash)?;
    Ok(see_other(&urls::key_policy(&place.workspace.slug)))
}

/// 409: somebody changed the policy after this form was opened. Both states are shown, and what was
/// sent can be sent again on top.
fn race(
    place: &InWorkspace,
    request: &HttpRequest,
    current: &Current,
    (wanted, mut fields): (&KeyPolicy, PolicyFields),
) -> Result<HttpResponse, PageError> {
    let differences = words::differences(&current.policy, wanted, &current.offer);
    fields.version = current.policy.version.to_string();
    if differences.is_empty() {
        // Both wanted the same.
        place.flash(&Flash::info("The key policy is so already."))?;
        return Ok(see_other(&urls::key_policy(&place.workspace.slug)));
    }
    let page = PolicyPage {
        differences,
        ..PolicyPage::new(place, current, fields)?
    };
    Ok(Html(StatusCode::CONFLICT, page).respond_to(request))
}

impl Current {
    async fn read(
        place: &InWorkspace,
        db: &Db,
        settings: &KeySettings,
        now: DateTime<Utc>,
    ) -> Result<Self, PageError> {
        let at = (place.account, place.workspace.id);
        let offers = settings.offers.clone();
        let read = db.run(move |conn| {
            let policy = key_policies::find(conn, at.0, at.1)?;
            let breaking = if policy.binds_keys() {
                key_policies::breaking(conn, at, &policy, now)?
            } else {
                Breaking::default()
            };
            Ok::<_, DbError>(Self {
                offer: offers.read(conn)?,
                policy,
                breaking,
            })
        });
        Ok(read.await?)
    }
}

impl PolicyPage {
    fn new(
        place: &InWorkspace,
        current: &Current,
        fields: PolicyFields,
    ) -> Result<Self, PageError> {
        Ok(Self {
            page: place.page(Section::KeyPolicy)?,
            errors: FormErrors::default(),
            scopes: words::scope_boxes(&current.offer, &current.policy, &fields),
            breaking: words::breaking(&current.policy, &current.breaking),
            differences: Vec::new(),
            expiries: form::expiries().collect(),
            action: urls::key_policy(&place.workspace.slug),
            fields,
        })
    }
}
