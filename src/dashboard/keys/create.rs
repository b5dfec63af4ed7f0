//! A new key: the form, and the one answer that shows its secret.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::crypto::key_secret::PlainKey;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::keys::create_form::CreateFields;
use crate::dashboard::keys::create_form::CreateRules;
use crate::dashboard::keys::create_form::ValidKey;
use crate::dashboard::keys::is_dialog;
use crate::dashboard::keys::like;
use crate::dashboard::keys::making;
use crate::dashboard::keys::making::Made;
use crate::dashboard::keys::name_taken;
use crate::dashboard::keys::name_taken::KeyLink;
use crate::dashboard::keys::reveal;
use crate::dashboard::keys::reveal::RevealPage;
use crate::dashboard::keys::reveal::Revealed;
use crate::dashboard::keys::rules_form::RuleFields;
use crate::dashboard::keys::scope_choices::Offered;
use crate::dashboard::keys::scope_choices::ScopeOffer;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::catalogue::Offer;
use crate::db::confirmation;
use crate::domain::api_key::CATEGORIES;
use crate::domain::clock::SharedClock;
use crate::domain::expiry::Expiry;
use crate::domain::random;
use crate::domain::random::Random;
use crate::domain::random::SharedRandom;
use crate::domain::viewer::WorkspaceAccess;

type Tools = (ThinData<Db>, ThinData<SharedClock>, ThinData<SharedRandom>);

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock, random): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    require_creator(&place)?;
    let offers = settings.offers.clone();
    let (account, workspace) = (place.account, place.workspace.id);
    let like = like::key_in(&request)?;
    let (offer, like) = db
        .run(move |conn| {
            let find = |id| api_keys::find(conn, account, workspace, id);
            let like = like.map(find).transpose()?;
            Ok::<_, DbError>((offers.read(conn)?, like))
        })
        .await?;
    let slug = &place.workspace.slug;
    let rights = offer.catalogue.rights.of(place.workspace.role);
    let fields = like.as_ref().map_or_else(
        || CreateFields::offered(slug),
        |key| CreateFields::like(key, slug, &offer, rights),
    );
    let mut page = CreatePage::new(&place, fields, &offer, (clock.now(), &**random))?;
    page.like = like.map(|key| key.name);
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
    (db, clock, random): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    require_creator(&place)?;
    let now = clock.now();
    let offers = settings.offers.clone();
    let offer = db.run(move |conn| offers.read(conn)).await?;
    let rules = CreateRules {
        here: &place.workspace.slug,
        workspaces: &creatable(&place)?,
        offer: &offer,
        prefix: &settings.prefix,
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
            Made::Refused => errors.add("", "This form was used before. Send it again."),
        }
    }
    let fields = CreateFields::sent(&form);
    let mut page = CreatePage::new(&place, fields, &offer, (now, &**random))?;
    page.errors = errors;
    if let Some(holder) = holder {
        page.name_holder = name_taken::say(&place, holder, &mut page.errors)?;
    }
    Ok(Html(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(&request))
}

const SHOWN_ONCE: &str = "This key already exists. Its secret was shown once.";

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

fn require_creator(place: &InWorkspace) -> Result<(), PageError> {
    place.require_developers()?;
    if place.workspace.role.may_create_keys() {
        return Ok(());
    }
    Err(PageError::Forbidden(format!(
        "Creating a key in {} takes the role developer or admin there. An owner or admin of the \
         account can give it to you.",
        place.workspace.name
    )))
}

/// Where this person may create keys.
fn creatable(place: &InWorkspace) -> Result<Vec<&WorkspaceAccess>, PageError> {
    let workspaces = place.person.membership()?.workspaces.iter();
    Ok(workspaces
        .filter(|workspace| workspace.developers && workspace.role.may_create_keys())
        .collect())
}

/// More workspaces than this are offered in a list.
const WORKSPACE_RADIOS_MAX: usize = 5;

/// Ends within a day are told with their time.
const TIME_MATTERS_WITHIN: chrono::TimeDelta = chrono::TimeDelta::days(1);

#[derive(Template)]
#[template(path = "keys/create.html", blocks = ["dialog"])]
struct CreatePage {
    page: PageContext,
    errors: FormErrors,
    fields: CreateFields,
    workspaces: Vec<WorkspaceChoice>,
    /// In the template by the name that the edit page has too.
    rules: RuleFields,
    scopes: ScopeOffer,
    /// The key that has the wanted name, if this person may open it.
    name_holder: Option<KeyLink>,
    /// One-use id, new with each form.
    operation: String,
    /// The key whose settings these are.
    like: Option<String>,
    action: String,
    list_url: String,
    now: DateTime<Utc>,
}

struct WorkspaceChoice {
    slug: String,
    name: String,
    chosen: bool,
}

struct ExpiryChoice {
    slug: &'static str,
    label: &'static str,
    ends: String,
    chosen: bool,
}

impl CreatePage {
    fn new(
        place: &InWorkspace,
        fields: CreateFields,
        offer: &Offer,
        (now, random): (DateTime<Utc>, &dyn Random),
    ) -> Result<Self, PageError> {
        let operation = random::uuid(random).map_err(PageError::internal)?;
        let list_url = urls::keys(&place.workspace.slug);
        let offered = Offered {
            offer,
            rights: offer.catalogue.rights.of(place.workspace.role),
        };
        Ok(Self {
            page: place.page(Section::Keys)?,
            errors: FormErrors::default(),
            workspaces: workspace_choices(&creatable(place)?, &fields.workspace),
            scopes: offered.to_new_key(&fields.rules),
            rules: fields.rules.clone(),
            fields,
            name_holder: None,
            operation: operation.to_string(),
            like: None,
            action: format!("{list_url}/new"),
            list_url,
            now,
        })
    }

    /// Each with the day, or the time, at which it would end.
    fn expiries(&self) -> Vec<ExpiryChoice> {
        let ends = |expiry: Expiry| {
            expiry.at(self.now).map_or_else(String::new, |at| {
                let moment = Moment::new(at, self.now);
                if at - self.now <= TIME_MATTERS_WITHIN {
                    moment.at()
                } else {
                    moment.day()
                }
            })
        };
        Expiry::PRESETS
            .into_iter()
            .map(|(slug, label, expiry)| ExpiryChoice {
                slug,
                label,
                ends: ends(expiry),
                chosen: self.fields.expires == slug,
            })
            .collect()
    }
}

fn workspace_choices(workspaces: &[&WorkspaceAccess], chosen: &str) -> Vec<WorkspaceChoice> {
    workspaces
        .iter()
        .map(|workspace| WorkspaceChoice {
            slug: workspace.slug.clone(),
            name: workspace.name.clone(),
            chosen: workspace.slug == chosen,
        })
        .collect()
}
