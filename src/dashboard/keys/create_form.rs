//! What the create form sends, and what of it can become a key.

use chrono::DateTime;
use chrono::Utc;
use uuid::Uuid;

use crate::crypto::key_secret;
use crate::dashboard::form::FormErrors;
use crate::dashboard::posted::Fields;
use crate::db::presets::Preset;
use crate::domain::api_key::CATEGORY_LENGTH_MAX;
use crate::domain::api_key::KeyName;
use crate::domain::api_key::NOTE_LENGTH_MAX;
use crate::domain::expiry::Expiry;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::text;
use crate::domain::text::TextFault;
use crate::domain::viewer::WorkspaceAccess;

/// A choice that fits most keys and forgets none of them.
const DEFAULT_EXPIRY: &str = "90d";

/// What stands in the form; none of it is secret.
#[derive(Debug, Clone, Default)]
pub struct CreateFields {
    pub name: String,
    pub workspace: String,
    pub category: String,
    pub scope: String,
    pub expires: String,
    pub expires_on: String,
    pub note: String,
    /// What was sent for fields that are not offered yet.
    pub refused: Vec<RefusedField>,
}

/// Fields that come with limits and grants. It would be worse to take one and not keep to it than
/// to refuse it.
const NOT_YET: [(&str, &str); 8] = [
    ("permission", "Permission"),
    ("resources", "Resources"),
    ("quota_total", "Total limit"),
    ("quota_daily", "Daily limit"),
    ("quota_weekly", "Weekly limit"),
    ("quota_monthly", "Monthly limit"),
    ("allowed_ips", "Allowed IP addresses"),
    ("allowed_origins", "Allowed origins"),
];

/// A field that is not offered yet, and what was sent in it.
#[derive(Debug, Clone)]
pub struct RefusedField {
    pub name: &'static str,
    pub label: &'static str,
    pub value: String,
}

/// A key that can be made.
pub struct ValidKey<'a> {
    pub name: KeyName,
    pub workspace: &'a WorkspaceAccess,
    pub category: String,
    pub note: String,
    pub preset: &'a Preset,
    pub expires_at: Option<DateTime<Utc>>,
    pub operation: Uuid,
}

/// What the fields are judged by.
pub struct CreateRules<'a> {
    /// The workspace whose page sent the form.
    pub here: &'a str,
    /// Those where this person may create keys.
    pub workspaces: &'a [&'a WorkspaceAccess],
    pub presets: &'a [Preset],
    pub prefix: &'a KeyPrefix,
    pub now: DateTime<Utc>,
}

impl CreateFields {
    /// The form as it is offered first.
    pub fn offered(workspace: &str, presets: &[Preset]) -> Self {
        // Nothing wider than needed is chosen beforehand; where there is one choice, it is chosen.
        let scope = match presets {
            [only] => only.slug.clone(),
            _ => String::new(),
        };
        Self {
            workspace: workspace.to_owned(),
            scope,
            expires: DEFAULT_EXPIRY.to_owned(),
            ..Self::default()
        }
    }

    /// The form as it was sent.
    pub fn sent(fields: &Fields) -> Self {
        let sent = |name: &str| fields.get(name).to_owned();
        let refused = |&(name, label): &(&'static str, &'static str)| RefusedField {
            name,
            label,
            value: sent(name),
        };
        Self {
            name: sent("name"),
            workspace: sent("workspace"),
            category: sent("category"),
            scope: sent("scope"),
            expires: sent("expires"),
            expires_on: sent("expires_on"),
            note: sent("note"),
            refused: NOT_YET
                .iter()
                .map(refused)
                .filter(|field| !field.value.trim().is_empty())
                .collect(),
        }
    }
}

impl<'a> CreateRules<'a> {
    /// Every fault at once, in the order of the form.
    pub fn check(&self, fields: &Fields) -> Result<ValidKey<'a>, FormErrors> {
        let errors = &mut FormErrors::default();
        let name = fields.parse_with("name", errors, |text| self.name(text));
        let workspace = fields.parse_with("workspace", errors, |slug| self.workspace(slug));
        let category = fields.parse_with("category", errors, |text| self.category(text));
        let preset = fields.parse_with("scope", errors, |slug| self.preset(slug));
        let expiry = fields.parse_with("expires", errors, |choice| {
            Expiry::parse(choice, fields.get("expires_on"), self.now)
        });
        let note = fields.parse_with("note", errors, |text| self.note(text));
        for field in CreateFields::sent(fields).refused {
            let label = field.label;
            errors.add(
                field.name,
                format!(
                    "{label} cannot be set yet. Empty this field: the key would not keep to it."
                ),
            );
        }
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
                preset: preset?,
                expires_at: expiry?.at(self.now),
                operation: operation?,
            })
        };
        match valid() {
            Some(valid) if errors.is_empty() => Ok(valid),
            _ => Err(std::mem::take(errors)),
        }
    }

    fn name(&self, text: &str) -> Result<KeyName, String> {
        self.refuse_secret(text)?;
        text.parse().map_err(|fault| match fault {
            TextFault::Empty => "Enter a name.".to_owned(),
            fault => fault.to_string(),
        })
    }

    fn workspace(&self, slug: &str) -> Result<&'a WorkspaceAccess, &'static str> {
        let slug = if slug.is_empty() { self.here } else { slug };
        self.workspaces
            .iter()
            .find(|workspace| workspace.slug == slug)
            .copied()
            .ok_or("Choose a workspace in which you may create keys.")
    }

    /// Any word or none.
    fn category(&self, text: &str) -> Result<String, String> {
        self.refuse_secret(text)?;
        match text::line(text, CATEGORY_LENGTH_MAX) {
            Err(TextFault::Empty) => Ok(String::new()),
            category => category.map_err(|fault| fault.to_string()),
        }
    }

    fn preset(&self, slug: &str) -> Result<&'a Preset, &'static str> {
        let chosen = self.presets.iter().find(|preset| preset.slug == slug);
        chosen.ok_or("Choose what the key may do.")
    }

    fn note(&self, text: &str) -> Result<String, String> {
        self.refuse_secret(text)?;
        text::lines(text, NOTE_LENGTH_MAX).map_err(|fault| fault.to_string())
    }

    /// Everybody in the workspace reads these fields.
    fn refuse_secret(&self, text: &str) -> Result<(), String> {
        match key_secret::secret_within(self.prefix, text) {
            None => Ok(()),
            Some(id) => Err(format!(
                "This holds the secret of key {id}. Remove it, and replace that key: treat it as \
                 exposed."
            )),
        }
    }
}

#[cfg(test)]
mod tests;
