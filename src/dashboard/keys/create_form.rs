//! What the create form sends, and what of it can become a key.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::DateTime;
use chrono::Utc;
use uuid::Uuid;

use crate::dashboard::form::FormErrors;
use crate::dashboard::keys::grant_form::GrantRules;
use crate::dashboard::keys::policy_rules::PolicyRules;
use crate::dashboard::keys::rules_form;
use crate::dashboard::keys::rules_form::RuleFields;
use crate::dashboard::keys::words_form::Words;
use crate::dashboard::posted::Fields;
use crate::db::catalogue::Offer;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::KeyName;
use crate::domain::expiry::Expiry;
use crate::domain::grant;
use crate::domain::grant::Grant;
use crate::domain::grant::Permissions;
use crate::domain::key_policy::KeyPolicy;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::limit::KeyLimits;
use crate::domain::network::Network;
use crate::domain::viewer::WorkspaceAccess;

/// A choice that fits most keys and forgets none of them.
const DEFAULT_EXPIRY: &str = "90d";

/// Of a workspace that asks nothing.
pub static NO_POLICY: LazyLock<KeyPolicy> = LazyLock::new(KeyPolicy::default);

/// The workspace's own, if it has one that may be chosen; else ours, or the longest that may be.
fn default_expiry(policy: &KeyPolicy, now: DateTime<Utc>) -> String {
    let may = |slug: &str| match Expiry::parse(slug, "", now) {
        Ok(expiry) => policy.allows_expiry(expiry, now),
        Err(_) => false,
    };
    let own = policy.default_expiry.as_deref();
    let usual = own.into_iter().chain([DEFAULT_EXPIRY]);
    let lives = Expiry::PRESETS.iter().rev().map(|(slug, ..)| *slug);
    let first = usual.chain(lives).find(|slug| may(slug));
    first.unwrap_or(DEFAULT_EXPIRY).to_owned()
}

/// What stands in the form; none of it is secret.
#[derive(Debug, Clone, Default)]
pub struct CreateFields {
    pub name: String,
    pub workspace: String,
    pub category: String,
    pub expires: String,
    pub expires_on: String,
    pub note: String,
    pub rules: RuleFields,
}

/// A key that can be made.
pub struct ValidKey<'a> {
    pub name: KeyName,
    pub workspace: &'a WorkspaceAccess,
    pub category: String,
    pub note: String,
    pub grant: Grant,
    /// The label of its scope.
    pub scope: String,
    pub limits: KeyLimits,
    pub network: Network,
    pub expires_at: Option<DateTime<Utc>>,
    pub operation: Uuid,
}

/// What the fields are judged by.
pub struct CreateRules<'a> {
    /// The workspace whose page sent the form.
    pub here: &'a str,
    /// Those where this person may create keys.
    pub workspaces: &'a [&'a WorkspaceAccess],
    pub offer: &'a Offer,
    pub prefix: &'a KeyPrefix,
    /// Of those of the workspaces that have one.
    pub policies: &'a HashMap<WorkspaceId, KeyPolicy>,
    pub now: DateTime<Utc>,
}

impl CreateFields {
    /// The form as it is offered first. No scope is chosen beforehand: whichever it were, it would
    /// be wider than some key needs.
    pub fn offered(workspace: &str, policy: &KeyPolicy, now: DateTime<Utc>) -> Self {
        Self {
            workspace: workspace.to_owned(),
            expires: default_expiry(policy, now),
            ..Self::default()
        }
    }

    /// Without what the policy does not allow, so that nothing is chosen that is refused.
    #[must_use]
    pub fn within(self, policy: &KeyPolicy, now: DateTime<Utc>) -> Self {
        let expiry = Expiry::parse(&self.expires, &self.expires_on, now);
        let lives = expiry.is_ok_and(|expiry| policy.allows_expiry(expiry, now));
        let mut fields = self;
        if !lives {
            fields.expires = default_expiry(policy, now);
        }
        if !policy.allows_scope(&fields.rules.scope) {
            fields.rules.scope.clear();
        }
        fields
    }

    /// The form as it was sent.
    pub fn sent(fields: &Fields) -> Self {
        let sent = |name: &str| fields.get(name).to_owned();
        Self {
            name: sent("name"),
            workspace: sent("workspace"),
            category: sent("category"),
            expires: sent("expires"),
            expires_on: sent("expires_on"),
            note: sent("note"),
            rules: RuleFields::sent(fields),
        }
    }
}

impl<'a> CreateRules<'a> {
    /// Every fault at once, in the order of the form.
    pub fn check(&self, fields: &Fields) -> Result<ValidKey<'a>, FormErrors> {
        let errors = &mut FormErrors::default();
        let words = Words {
            prefix: self.prefix,
        };
        let name = words.name(fields, errors);
        let workspace = fields.parse_with("workspace", errors, |slug| self.workspace(slug));
        let category = words.category(fields, errors);
        // Without a workspace no key is made, and that is said there.
        let all = Permissions::new([grant::ANY]);
        let grants = GrantRules {
            offer: self.offer,
            rights: workspace.map_or(&all, |place| self.offer.catalogue.rights.of(place.role)),
            kept: None,
            words,
        };
        let asked = workspace.map(|place| PolicyRules {
            policy: self.policies.get(&place.id).unwrap_or(&NO_POLICY),
            workspace: &place.name,
        });
        let grant = grants.grant(fields, errors).filter(|grant| {
            let judged = asked.map_or(Ok(()), |asked| asked.judge_grant(None, grant, self.offer));
            judged.map_err(|fault| errors.add("scope", fault)).is_ok()
        });
        let expiry = fields.parse_with("expires", errors, |choice| {
            let expiry = Expiry::parse(choice, fields.get("expires_on"), self.now)
                .map_err(|fault| fault.to_string())?;
            let judged = asked.map_or(Ok(()), |asked| {
                asked.judge_end(self.now, expiry.at(self.now))
            });
            judged.map(|()| expiry)
        });
        let limits = rules_form::limits(fields, errors);
        let network = rules_form::network(fields, errors);
        let note = words.note(fields, errors);
        let operation: Option<Uuid> = fields.get("operation").parse().ok();
        if operation.is_none() {
            errors.add("", "This form was not complete. Send it again.");
        }
        let valid = || {
            Some(ValidKey {
                name: name?,
                workspace: workspace?,
                category: category?,
                note: note?,
                scope: self.label(&grant.as_ref()?.scope),
                grant: grant?,
                limits: limits?,
                network: network?,
                expires_at: expiry?.at(self.now),
                operation: operation?,
            })
        };
        match valid() {
            Some(valid) if errors.is_empty() => Ok(valid),
            _ => Err(std::mem::take(errors)),
        }
    }

    fn workspace(&self, slug: &str) -> Result<&'a WorkspaceAccess, &'static str> {
        let slug = if slug.is_empty() { self.here } else { slug };
        self.workspaces
            .iter()
            .find(|workspace| workspace.slug == slug)
            .copied()
            .ok_or("Choose a workspace in which you may create keys.")
    }

    fn label(&self, scope: &str) -> String {
        match (self.offer.preset(scope), scope) {
            (Some(preset), _) => preset.label.clone(),
            (None, grant::INHERIT) => "Same as you".to_owned(),
            (None, _) => "Custom".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
