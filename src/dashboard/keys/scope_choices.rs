//! The scopes that a form offers, in words that say what each can and cannot do.

use crate::dashboard::keys::rules_form::KEEP;
use crate::dashboard::keys::rules_form::RuleFields;
use crate::dashboard::keys::rules_form::is_latest;
use crate::db::presets::Preset;
use crate::domain::api_key::ApiKey;
use crate::domain::grant;

/// The preset for keys that stand in web pages, where everybody can read them.
const WIDGET: &str = "widget";

pub struct ScopeChoice {
    pub value: String,
    pub label: String,
    pub can: String,
    pub cannot: String,
    /// The key will stand in web pages.
    pub is_public: bool,
    pub chosen: bool,
}

/// For a new key.
pub fn offered(presets: &[Preset], rules: &RuleFields) -> Vec<ScopeChoice> {
    let mut choices: Vec<ScopeChoice> = presets.iter().map(preset).collect();
    choices.push(plain(
        grant::INHERIT,
        "Same as you",
        "Whatever you may do here, as your role changes. Stops when you leave.",
    ));
    chosen(choices, rules)
}

/// For a key that has a grant already, which it may keep.
pub fn offered_for(key: &ApiKey, presets: &[Preset], rules: &RuleFields) -> Vec<ScopeChoice> {
    let mut choices: Vec<ScopeChoice> = presets.iter().map(preset).collect();
    if !is_latest(&key.grant, presets) {
        let newer = choices
            .iter_mut()
            .find(|choice| choice.value == key.grant.scope);
        let mut words = "As it was when this key was given it; no longer offered.".to_owned();
        if let Some(newer) = newer {
            newer.label = format!("{}, newer version", newer.label);
            words = format!(
                "As it was when this key was given it, version {}. A newer version changes \
                 nothing here until you choose it.",
                key.grant.version
            );
        }
        choices.insert(0, plain(KEEP, &key.scope, &words));
    }
    choices.push(plain(
        grant::INHERIT,
        "Same as its creator",
        &format!(
            "Whatever {} may do here, as their role changes. Stops when they leave.",
            key.creator_name
        ),
    ));
    chosen(choices, rules)
}

fn chosen(mut choices: Vec<ScopeChoice>, rules: &RuleFields) -> Vec<ScopeChoice> {
    for choice in &mut choices {
        choice.chosen = choice.value == rules.scope;
    }
    choices
}

fn preset(preset: &Preset) -> ScopeChoice {
    ScopeChoice {
        cannot: preset.cannot.clone(),
        is_public: preset.slug == WIDGET,
        ..plain(&preset.slug, &preset.label, &preset.summary)
    }
}

fn plain(value: &str, label: &str, can: &str) -> ScopeChoice {
    ScopeChoice {
        value: value.to_owned(),
        label: label.to_owned(),
        can: can.to_owned(),
        cannot: String::new(),
        is_public: false,
        chosen: false,
    }
}
