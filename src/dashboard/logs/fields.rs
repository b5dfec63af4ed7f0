//! What the fields of a log's form offer and hold.

use crate::dashboard::logs::block::LogBlock;
use crate::dashboard::range::RANGES;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;

impl LogBlock {
    pub fn ranges(&self) -> Vec<(&'static str, &'static str, bool)> {
        let chosen = self.address.range.slug();
        RANGES
            .iter()
            .map(|(slug, label, _)| (*slug, *label))
            .chain([("custom", "From – to")])
            .map(|(slug, label)| (slug, label, slug == chosen))
            .collect()
    }

    pub fn methods(&self) -> Vec<(&'static str, bool)> {
        let chosen = self.address.filter.method;
        let known = Method::ALL.into_iter();
        known
            .map(|method| (method.as_str(), chosen == Some(method)))
            .collect()
    }

    /// Of refusals, with their words.
    pub fn codes(&self) -> Vec<(&'static str, &'static str)> {
        let reasons = DenyReason::ALL
            .into_iter()
            .filter(|reason| reason.is_logged());
        let mut codes: Vec<_> = reasons
            .map(|reason| (reason.code(), reason.in_words()))
            .collect();
        codes.dedup_by_key(|(code, _)| *code);
        codes
    }

    /// A field of the browser's own holds days only; an hour, where one was given, needs text.
    pub fn date_kind(&self) -> &'static str {
        let day = |text: &str| text.is_empty() || text.len() == "2026-11-21".len();
        if day(&self.address.from) && day(&self.address.to) {
            "date"
        } else {
            "text"
        }
    }

    pub fn places(&self) -> Vec<(&str, &str, bool)> {
        let typed = self.address.typed("workspace");
        let places = self.workspaces.iter();
        places
            .map(|(slug, name)| (slug.as_str(), name.as_str(), slug == typed))
            .collect()
    }

    pub fn categories(&self) -> Vec<(&str, bool)> {
        let typed = self.address.typed("category");
        let known = self.choices.categories.iter().map(String::as_str);
        let missing = !typed.is_empty() && known.clone().all(|category| category != typed);
        known
            .chain(missing.then_some(typed))
            .map(|category| (category, category == typed))
            .collect()
    }

    /// Whether a filter behind "More filters" is set.
    pub fn has_more_set(&self) -> bool {
        let behind = ["key", "category", "ip", "slow", "credits", "req"];
        behind
            .iter()
            .any(|name| !self.address.typed(name).is_empty())
    }
}
