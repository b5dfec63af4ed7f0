//! The page that asks how long the old secret goes on.

use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::keys;
use crate::dashboard::keys::asked::Asked;
use crate::dashboard::keys::impact;
use crate::dashboard::keys::rotate::form::RotateFields;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::InWorkspace;
use crate::db::api_keys::LiveFacts;
use crate::domain::api_key;
use crate::domain::api_key::ApiKey;
use crate::domain::api_key::KeySecret;
use crate::domain::overlap::Overlap;
use crate::domain::random;
use crate::domain::random::Random;

#[derive(Template)]
#[template(path = "keys/rotate.html", blocks = ["dialog"])]
pub struct RotatePage {
    pub errors: FormErrors,
    page: PageContext,
    key: ApiKey,
    fields: RotateFields,
    last_used: Option<Moment>,
    facts: LiveFacts,
    masked: String,
    /// How soon every node knows the new secret, in words.
    bound: String,
    /// One-use id, new with each form.
    operation: String,
    key_url: String,
    now: DateTime<Utc>,
    /// How the key differs from the workspace's policy; empty for not.
    pub broken: String,
}

struct OverlapChoice {
    slug: &'static str,
    label: &'static str,
    ends: String,
    chosen: bool,
}

/// One of two secrets that work, of which one is to end.
struct DropChoice {
    slug: &'static str,
    label: String,
    facts: String,
    chosen: bool,
}

impl RotatePage {
    pub fn new(
        place: &InWorkspace,
        (settings, random): (&KeySettings, &dyn Random),
        asked: Asked,
        fields: RotateFields,
    ) -> Result<Self, PageError> {
        let operation = random::uuid(random).map_err(PageError::internal)?;
        let last_used = asked.last_used();
        let Asked { key, facts, now } = asked;
        Ok(Self {
            errors: FormErrors::default(),
            page: place.page(Section::Keys)?,
            masked: api_key::masked(settings.prefix.as_str(), key.id, key.last_four()),
            bound: settings.revoked_within_words(),
            key_url: keys::url(&place.workspace.slug, key.id),
            operation: operation.to_string(),
            key,
            fields,
            last_used,
            facts,
            broken: String::new(),
            now,
        })
    }

    fn used(&self) -> String {
        impact::used(self.last_used.as_ref(), &self.facts)
    }

    fn traffic(&self) -> String {
        impact::traffic(&self.facts)
    }

    fn submit_label(&self) -> String {
        format!("Rotate {}", self.key.name)
    }

    /// Each with the moment at which the old secret would end.
    fn overlaps(&self) -> Vec<OverlapChoice> {
        Overlap::PRESETS
            .into_iter()
            .map(|(slug, label, overlap)| OverlapChoice {
                slug,
                label,
                ends: self.ends(overlap),
                chosen: self.fields.overlap == slug,
            })
            .collect()
    }

    fn ends(&self, overlap: Overlap) -> String {
        if overlap == Overlap::Now {
            return "As soon as every node confirms".to_owned();
        }
        let ends_at = overlap.ends_at(self.now, self.key.times.expires_at);
        let ends = Moment::new(ends_at, self.now).at();
        if ends_at < overlap.ends_at(self.now, None) {
            format!("{ends}, when the key itself expires")
        } else {
            ends
        }
    }

    /// The last day that can be chosen, for a key that expires.
    fn latest_day(&self) -> Option<String> {
        let at = self.key.times.expires_at?;
        Some(at.format("%Y-%m-%d").to_string())
    }

    fn expires_hint(&self) -> String {
        match self.key.times.expires_at {
            Some(at) => format!(
                "Never longer than the key itself, which expires {}.",
                Moment::new(at, self.now).at()
            ),
            None => "Until then both secrets work. You can end the old one earlier.".to_owned(),
        }
    }

    /// Nothing to choose unless two secrets work.
    fn drops(&self) -> Vec<DropChoice> {
        let (Some(old), Some(current)) = (self.key.retiring(self.now), self.key.secrets.last())
        else {
            return Vec::new();
        };
        let ends = old.retires_at.map(|at| Moment::new(at, self.now).at());
        let until = ends.map_or_else(String::new, |at| format!(" It would end {at}."));
        vec![
            DropChoice {
                slug: "old",
                label: format!("The old one, ending in {}", old.last_four),
                facts: format!("{}{until}", self.facts_of(old)),
                chosen: self.fields.drop == "old",
            },
            DropChoice {
                slug: "current",
                label: format!("The current one, ending in {}", current.last_four),
                facts: format!("{} The old one then goes on.", self.facts_of(current)),
                chosen: self.fields.drop == "current",
            },
        ]
    }

    fn facts_of(&self, secret: &KeySecret) -> String {
        let Some(at) = secret.last_used_at else {
            return "Never used.".to_owned();
        };
        let used = Moment::new(at, self.now).relative();
        let requests = number::counted(secret.requests_since(), "request", "requests");
        format!("Last used {used}, {requests} since the rotation.")
    }
}
