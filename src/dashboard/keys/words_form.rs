//! What people call a key, as the create and the edit form send it.

use crate::crypto::key_secret;
use crate::dashboard::form::FormErrors;
use crate::dashboard::posted::Fields;
use crate::domain::api_key::CATEGORY_LENGTH_MAX;
use crate::domain::api_key::KeyName;
use crate::domain::api_key::NOTE_LENGTH_MAX;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::text;
use crate::domain::text::TextFault;

/// Everybody in the workspace reads these fields, so none may hold a secret.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    pub prefix: &'a KeyPrefix,
}

impl Words<'_> {
    pub fn name(self, fields: &Fields, errors: &mut FormErrors) -> Option<KeyName> {
        fields.parse_with("name", errors, |text| {
            self.refuse_secret(text)?;
            text.parse().map_err(|fault| match fault {
                TextFault::Empty => "Enter a name.".to_owned(),
                fault => fault.to_string(),
            })
        })
    }

    /// Any word or none.
    pub fn category(self, fields: &Fields, errors: &mut FormErrors) -> Option<String> {
        fields.parse_with("category", errors, |text| {
            self.refuse_secret(text)?;
            match text::line(text, CATEGORY_LENGTH_MAX) {
                Err(TextFault::Empty) => Ok(String::new()),
                category => category.map_err(|fault| fault.to_string()),
            }
        })
    }

    pub fn note(self, fields: &Fields, errors: &mut FormErrors) -> Option<String> {
        fields.parse_with("note", errors, |text| {
            self.refuse_secret(text)?;
            text::lines(text, NOTE_LENGTH_MAX).map_err(|fault| fault.to_string())
        })
    }

    pub fn refuse_secret(self, text: &str) -> Result<(), String> {
        match key_secret::secret_within(self.prefix, text) {
            None => Ok(()),
            Some(id) => Err(format!(
                "This holds the secret of key {id}. Remove it, and replace that key: treat it as \
                 exposed."
            )),
        }
    }
}
