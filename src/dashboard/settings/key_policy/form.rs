//! What the form of a key policy sends, and what of it can become one.

use std::collections::BTreeSet;

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::form::FormErrors;
use crate::dashboard::keys::policy_rules::days_words;
use crate::dashboard::posted::Fields;
use crate::db::catalogue::Offer;
use crate::domain::expiry::Expiry;
use crate::domain::grant;
use crate::domain::key_policy::KeyCreators;
use crate::domain::key_policy::KeyPolicy;
use crate::domain::key_policy::LONGEST_LIFE_MAX;
use crate::domain::key_policy::NEVER;

/// The radio that allows every scope, and the one that allows those which are checked.
pub const EVERY: &str = "every";
pub const CHOSEN: &str = "chosen";

/// What stands in the form.
#[derive(Debug, Clone, Default)]
pub struct PolicyFields {
    pub version: String,
    pub longest_life: String,
    /// Empty for the installation's.
    pub default_expiry: String,
    /// `every` or `chosen`.
    pub scopes: String,
    pub scope: Vec<String>,
    pub creators: String,
}

impl PolicyFields {
    pub fn of(policy: &KeyPolicy) -> Self {
        let scopes = if policy.scopes.is_some() {
            CHOSEN
        } else {
            EVERY
        };
        Self {
            version: policy.version.to_string(),
            longest_life: policy
                .longest_life
                .map_or_else(String::new, |days| days.to_string()),
            default_expiry: policy.default_expiry.clone().unwrap_or_default(),
            scopes: scopes.to_owned(),
            scope: policy.scopes.clone().unwrap_or_default(),
            creators: policy.creators.as_str().to_owned(),
        }
    }

    pub fn sent(fields: &Fields) -> Self {
        let sent = |name: &str| fields.get(name).to_owned();
        Self {
            version: sent("version"),
            longest_life: sent("longest_life"),
            default_expiry: sent("default_expiry"),
            scopes: sent("scopes"),
            scope: fields.all("scope").map(str::to_owned).collect(),
            creators: sent("creators"),
        }
    }
}

/// What the fields are judged by.
pub struct PolicyForm<'a> {
    pub offer: &'a Offer,
    /// As it is now: scopes that are no longer offered may stay.
    pub before: &'a KeyPolicy,
    pub now: DateTime<Utc>,
}

impl PolicyForm<'_> {
    /// Every fault at once, in the order of the form.
    pub fn check(&self, fields: &Fields) -> Result<KeyPolicy, FormErrors> {
        let mut errors = FormErrors::default();
        let longest_life = fields.parse_with("longest_life", &mut errors, longest_life);
        let within = KeyPolicy {
            longest_life: longest_life.flatten(),
            ..KeyPolicy::default()
        };
        let default_expiry = fields.parse_with("default_expiry", &mut errors, |slug| {
            self.default_expiry(slug, &within)
        });
        let scopes = self.scopes(fields, &mut errors);
        let creators = fields.parse_with("creators", &mut errors, |slug| {
            KeyCreators::parse(slug).ok_or("Choose who may create keys.")
        });
        let version = fields.get("version").parse().ok();
        if version.is_none() {
            errors.add("", "This form was not complete. Open it again.");
        }
        let policy = || {
            Some(KeyPolicy {
                longest_life: longest_life?,
                default_expiry: Some(default_expiry?).filter(|slug| !slug.is_empty()),
                scopes: match scopes? {
                    Scopes::Every => None,
                    Scopes::These(scopes) => Some(scopes),
                },
                creators: creators?,
                version: version?,
            })
        };
        match policy() {
            Some(policy) if errors.is_empty() => Ok(policy),
            _ => Err(errors),
        }
    }

    fn default_expiry(&self, slug: &str, within: &KeyPolicy) -> Result<String, String> {
        if slug.is_empty() {
            return Ok(String::new());
        }
        let expiry = Expiry::parse(slug, "", self.now)
            .ok()
            .filter(|expiry| !matches!(expiry, Expiry::On(_)))
            .ok_or("Choose what is offered first.")?;
        if within.allows_expiry(expiry, self.now) {
            return Ok(slug.to_owned());
        }
        let days = within.longest_life.map_or_else(String::new, days_words);
        Err(format!("Choose one within the longest life, {days}."))
    }

    fn scopes(&self, fields: &Fields, errors: &mut FormErrors) -> Option<Scopes> {
        match fields.get("scopes") {
            EVERY => return Some(Scopes::Every),
            CHOSEN => {}
            _ => {
                errors.add("scopes", "Choose which scopes keys may have.");
                return None;
            }
        }
        let chosen: BTreeSet<&str> = fields.all("scope").collect();
        if chosen.is_empty() {
            errors.add("scopes", "Choose at least one scope, or every one.");
            return None;
        }
        if chosen.iter().any(|slug| !self.is_scope(slug)) {
            errors.add("scopes", "Choose from the list.");
            return None;
        }
        Some(Scopes::These(
            chosen.into_iter().map(str::to_owned).collect(),
        ))
    }

    fn is_scope(&self, slug: &str) -> bool {
        let kept = self.before.scopes.iter().flatten().any(|one| one == slug);
        kept || matches!(slug, grant::CUSTOM | grant::INHERIT) || self.offer.preset(slug).is_some()
    }
}

enum Scopes {
    Every,
    These(Vec<String>),
}

/// Empty is for ever.
fn longest_life(typed: &str) -> Result<Option<u16>, String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    match typed.parse() {
        Ok(days) if (1..=LONGEST_LIFE_MAX).contains(&days) => Ok(Some(days)),
        _ => Err(format!(
            "Enter a number of days from 1 to {LONGEST_LIFE_MAX}, like 90, or leave it empty for \
             no limit."
        )),
    }
}

/// The slug and the words of each choice of what is offered first.
pub fn expiries() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lives = Expiry::PRESETS
        .iter()
        .map(|(slug, label, _)| (*slug, *label));
    [("", "As everywhere, 90 days")]
        .into_iter()
        .chain(lives)
        .chain([(NEVER, "Never")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longest_life_is_a_number_of_days_or_none() {
        assert_eq!(longest_life(" "), Ok(None));
        assert_eq!(longest_life(" 90 "), Ok(Some(90)));
        for bad in ["0", "-1", "1.5", "ninety", "18251", "99999999999"] {
            assert!(longest_life(bad).is_err(), "{bad}");
        }
    }
}
