use askama::Template;

use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::keys;
use crate::dashboard::keys::edit_form::EXPIRED;
use crate::dashboard::keys::edit_form::EditFields;
use crate::dashboard::keys::edited::EditedKey;
use crate::dashboard::keys::name_taken::KeyLink;
use crate::dashboard::keys::policy_rules::PolicyRules;
use crate::dashboard::keys::rules_form::RuleFields;
use crate::dashboard::keys::scope_choices::Offered;
use crate::dashboard::keys::scope_choices::ScopeOffer;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::InWorkspace;
use crate::domain::api_key::CATEGORIES;

#[derive(Template)]
#[template(path = "keys/edit.html", blocks = ["dialog"])]
pub struct EditPage {
    pub page: PageContext,
    pub errors: FormErrors,
    pub fields: EditFields,
    /// In the template by the name that the create page has too.
    pub rules: RuleFields,
    pub scopes: ScopeOffer,
    /// The key that has the wanted name, if this person may open it.
    pub name_holder: Option<KeyLink>,
    /// As it is called now, whatever the form says.
    pub name: String,
    pub expires: Option<Moment>,
    pub is_expired: bool,
    /// What the key policy asks of its life, and how the key differs from the policy; empty for
    /// nothing.
    pub life: String,
    pub broken: String,
    pub key_url: String,
}

impl EditPage {
    pub(super) fn new(
        place: &InWorkspace,
        edited: EditedKey,
        fields: EditFields,
    ) -> Result<Self, PageError> {
        let asked = edited.asked(place);
        let (life, broken) = (asked.life_words(), asked.broken_by(&edited.key));
        let EditedKey {
            key,
            offer,
            policy,
            now,
        } = edited;
        let asked = PolicyRules {
            policy: &policy,
            workspace: &place.workspace.name,
        };
        let offered = Offered {
            offer: &offer,
            asked,
            rights: offer.catalogue.rights.of(place.workspace.role),
        };
        let expires_at = key.times.expires_at;
        Ok(Self {
            page: place.page(Section::Keys)?,
            errors: FormErrors::default(),
            scopes: offered.to_key(&key, &fields.rules),
            rules: fields.rules.clone(),
            fields,
            name_holder: None,
            expires: expires_at.map(|at| Moment::new(at, now)),
            is_expired: expires_at.is_some_and(|at| now >= at),
            key_url: keys::url(&place.workspace.slug, key.id),
            life,
            broken,
            name: key.name,
        })
    }
}
