//! The page with the form of a new key.

use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::keys::create::Terms;
use crate::dashboard::keys::create::creatable;
use crate::dashboard::keys::create_form::CreateFields;
use crate::dashboard::keys::name_taken::KeyLink;
use crate::dashboard::keys::policy_rules::PolicyRules;
use crate::dashboard::keys::rules_form::RuleFields;
use crate::dashboard::keys::scope_choices::Offered;
use crate::dashboard::keys::scope_choices::ScopeOffer;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::domain::api_key::CATEGORIES;
use crate::domain::expiry::Expiry;
use crate::domain::key_policy::KeyPolicy;
use crate::domain::random;
use crate::domain::random::Random;
use crate::domain::viewer::WorkspaceAccess;

/// More workspaces than this are offered in a list.
const WORKSPACE_RADIOS_MAX: usize = 5;

/// Ends within a day are told with their time.
const TIME_MATTERS_WITHIN: chrono::TimeDelta = chrono::TimeDelta::days(1);

#[derive(Template)]
#[template(path = "keys/create.html", blocks = ["dialog"])]
pub(super) struct CreatePage {
    page: PageContext,
    pub(super) errors: FormErrors,
    fields: CreateFields,
    workspaces: Vec<WorkspaceChoice>,
    /// In the template by the name that the edit page has too.
    rules: RuleFields,
    scopes: ScopeOffer,
    /// The key that has the wanted name, if this person may open it.
    pub(super) name_holder: Option<KeyLink>,
    /// One-use id, new with each form.
    operation: String,
    /// The key whose settings these are.
    pub(super) like: Option<String>,
    action: String,
    list_url: String,
    /// What the key policy asks of its life; empty for nothing.
    life: String,
    policy: KeyPolicy,
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
    pub(super) fn new(
        place: &InWorkspace,
        fields: CreateFields,
        terms: &Terms,
        (now, random): (DateTime<Utc>, &dyn Random),
    ) -> Result<Self, PageError> {
        let operation = random::uuid(random).map_err(PageError::internal)?;
        let list_url = urls::keys(&place.workspace.slug);
        let workspaces = creatable(place)?;
        let chosen = workspaces
            .iter()
            .find(|workspace| workspace.slug == fields.workspace)
            .map_or(&place.workspace, |chosen| *chosen);
        let asked = PolicyRules {
            policy: terms.policy(chosen.id),
            workspace: &chosen.name,
        };
        let offer = &*terms.offer;
        let offered = Offered {
            offer,
            asked,
            rights: offer.catalogue.rights.of(place.workspace.role),
        };
        Ok(Self {
            page: place.page(Section::Keys)?,
            errors: FormErrors::default(),
            workspaces: workspace_choices(&workspaces, &fields.workspace),
            scopes: offered.to_new_key(&fields.rules),
            rules: fields.rules.clone(),
            fields,
            name_holder: None,
            operation: operation.to_string(),
            like: None,
            action: format!("{list_url}/new"),
            list_url,
            life: asked.life_words(),
            policy: asked.policy.clone(),
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
        let may = |expiry| self.policy.allows_expiry(expiry, self.now);
        Expiry::PRESETS
            .into_iter()
            .filter(|(_, _, expiry)| may(*expiry))
            .map(|(slug, label, expiry)| ExpiryChoice {
                slug,
                label,
                ends: ends(expiry),
                chosen: self.fields.expires == slug,
            })
            .collect()
    }

    /// Said with the choices.
    fn expiry_hint(&self) -> String {
        let hint = "The key stops by itself at this time. You can revoke it earlier.";
        if self.life.is_empty() {
            hint.to_owned()
        } else {
            format!("{hint} {}", self.life)
        }
    }

    /// The last day that may be chosen, as a date field takes it; empty for any.
    fn latest_day(&self) -> String {
        let latest = self.policy.latest(self.now);
        let last = latest.and_then(|latest| latest.date_naive().pred_opt());
        last.map_or_else(String::new, |last| last.to_string())
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
