//! What the create form sends, and what of it can become a key.

use chrono::DateTime;
use chrono::Utc;
use uuid::Uuid;

use crate::dashboard::form::FormErrors;
use crate::dashboard::keys::grant_form::GrantRules;
use crate::dashboard::keys::rules_form;
use crate::dashboard::keys::rules_form::RuleFields;
use crate::dashboard::keys::words_form::Words;
use crate::dashboard::posted::Fields;
use crate::db::catalogue::Offer;
use crate::domain::api_key::KeyName;
use crate::domain::expiry::Expiry;
use crate::domain::grant;
use crate::domain::grant::Grant;
use crate::domain::grant::Permissions;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::limit::KeyLimits;
use crate::domain::network::Network;
use crate::domain::viewer::WorkspaceAccess;

/// A choice that fits most keys and forgets none of them.
const DEFAULT_EXPIRY: &str = "90d";

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
    pub now: DateTime<Utc>,
}

impl CreateFields {
    /// The form as it is offered first. No scope is chosen beforehand: whichever it were, it would
    /// be wider than some key needs.
    pub fn offered(workspace: &str) -> Self {
        Self {
            workspace: workspace.to_owned(),
            expires: DEFAULT_EXPIRY.to_owned(),
            ..Self::default()
        }
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
        let grant = grants.grant(fields, errors);
        let expiry = fields.parse_with("expires", errors, |choice| {
            Expiry::parse(choice, fields.get("expires_on"), self.now)
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
