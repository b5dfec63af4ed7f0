//! What the edit form sends, and what of it can be written to the key.

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::form::FormErrors;
use crate::dashboard::keys::grant_form::GrantRules;
use crate::dashboard::keys::policy_rules::PolicyRules;
use crate::dashboard::keys::rules_form;
use crate::dashboard::keys::rules_form::RuleFields;
use crate::dashboard::posted::Fields;
use crate::db::api_keys::KeyEdit;
use crate::db::catalogue::Offer;
use crate::domain::api_key::ApiKey;
use crate::domain::expiry::Expiry;
use crate::domain::grant;
use crate::domain::grant::Grant;

/// The end that the key has, or none.
pub const KEEP: &str = "keep";

/// What stands in the form.
#[derive(Debug, Clone, Default)]
pub struct EditFields {
    pub version: String,
    pub name: String,
    pub category: String,
    pub note: String,
    pub expires: String,
    pub expires_on: String,
    pub rules: RuleFields,
}

/// What the fields are judged by.
pub struct EditRules<'a> {
    pub key: &'a ApiKey,
    pub grants: GrantRules<'a>,
    pub asked: PolicyRules<'a>,
    pub now: DateTime<Utc>,
}

impl EditFields {
    /// The form as the key is.
    pub fn of(key: &ApiKey, offer: &Offer) -> Self {
        Self {
            version: key.version.to_string(),
            name: key.name.clone(),
            category: key.category.clone(),
            note: key.note.clone(),
            expires: KEEP.to_owned(),
            expires_on: String::new(),
            rules: RuleFields::of(key, offer),
        }
    }

    pub fn sent(fields: &Fields) -> Self {
        let sent = |name: &str| fields.get(name).to_owned();
        Self {
            version: sent("version"),
            name: sent("name"),
            category: sent("category"),
            note: sent("note"),
            expires: sent("expires"),
            expires_on: sent("expires_on"),
            rules: RuleFields::sent(fields),
        }
    }

    /// All but the version, to be sent once more.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![
            ("name", self.name.clone()),
            ("category", self.category.clone()),
            ("expires", self.expires.clone()),
            ("expires_on", self.expires_on.clone()),
            ("note", self.note.clone()),
        ];
        pairs.extend(self.rules.pairs());
        pairs
    }
}

impl EditRules<'_> {
    /// Every fault at once, in the order of the form.
    pub fn check(&self, fields: &Fields) -> Result<KeyEdit, FormErrors> {
        let mut errors = FormErrors::default();
        match self.edit(fields, &mut errors) {
            Some(edit) if errors.is_empty() => Ok(edit),
            _ => Err(errors),
        }
    }

    fn edit(&self, fields: &Fields, errors: &mut FormErrors) -> Option<KeyEdit> {
        let words = self.grants.words;
        let name = words.name(fields, errors);
        let category = words.category(fields, errors);
        let grant = self.grants.grant(fields, errors).filter(|grant| {
            let kept = Some(&self.key.grant);
            let judged = self.asked.judge_grant(kept, grant, self.grants.offer);
            let judged = judged.and_then(|()| self.judge_owner(grant));
            judged.map_err(|fault| errors.add("scope", fault)).is_ok()
        });
        let expires_at = fields.parse_with("expires", errors, |choice| {
            self.expires_at(choice, fields.get("expires_on"))
        });
        let limits = rules_form::limits(fields, errors);
        let network = rules_form::network(fields, errors);
        let note = words.note(fields, errors);
        let version = fields.get("version").parse().ok();
        if version.is_none() {
            errors.add("", "This form was not complete. Open it again.");
        }
        Some(KeyEdit {
            account_id: self.key.account_id,
            workspace_id: self.key.workspace_id,
            id: self.key.id,
            version: version?,
            name: name?,
            category: category?,
            note: note?,
            expires_at: expires_at?,
            grant: grant?,
            limits: limits?,
            network: network?,
        })
    }

    fn judge_owner(&self, grant: &Grant) -> Result<(), String> {
        let changes = grant.scope == grant::INHERIT && self.key.grant.scope != grant::INHERIT;
        if changes && self.key.owner.is_none() {
            return Err(OWNERLESS.to_owned());
        }
        Ok(())
    }

    fn expires_at(&self, choice: &str, date: &str) -> Result<Option<DateTime<Utc>>, String> {
        let kept = self.key.times.expires_at;
        match choice {
            KEEP => Ok(kept),
            // A program whose key has ended has been told so; it must not come back by surprise.
            "never" | "on" if kept.is_some_and(|at| self.now >= at) => Err(EXPIRED.to_owned()),
            "never" | "on" => Expiry::parse(choice, date, self.now)
                .map(|expiry| expiry.at(self.now))
                .map_err(|fault| fault.to_string())
                .and_then(|end| self.asked.judge_new_end(self.key, end).map(|()| end)),
            _ => Err("Choose when the key expires.".to_owned()),
        }
    }
}

const OWNERLESS: &str =
    "This is a service key. It has no owner whose rights it could have: choose another scope.";

/// Said at the field, and in its place.
pub const EXPIRED: &str =
    "This key has expired and stays so. To go on, create a new key and move your program to it.";

#[cfg(test)]
mod tests;
