//! The scopes that a form offers, in words that say what each can and cannot do.

use crate::dashboard::keys::grant_form::KEEP;
use crate::dashboard::keys::grant_form::is_latest;
use crate::dashboard::keys::permission_words;
use crate::dashboard::keys::permission_words::Family;
use crate::dashboard::keys::permission_words::RiskWords;
use crate::dashboard::keys::policy_rules::PolicyRules;
use crate::dashboard::keys::rules_form::RuleFields;
use crate::db::catalogue::Offer;
use crate::db::presets::Preset;
use crate::domain::api_key::ApiKey;
use crate::domain::catalogue::Permission;
use crate::domain::grant;
use crate::domain::grant::Grant;
use crate::domain::grant::Permissions;

/// All that a form offers as a scope.
pub struct ScopeOffer {
    pub choices: Vec<ScopeChoice>,
    /// What is behind the custom one.
    pub families: Vec<Family>,
    /// What the catalogue has and this person cannot give, by name; empty for nothing.
    pub withheld: String,
    /// What the key policy allows alone, by name; empty where it allows all.
    pub allowed: String,
}

pub struct ScopeChoice {
    pub value: String,
    pub label: String,
    pub can: String,
    pub cannot: String,
    pub risk: Option<RiskWords>,
    /// The permissions stand below it.
    pub is_custom: bool,
    pub chosen: bool,
}

/// What is offered to whom.
#[derive(Clone, Copy)]
pub struct Offered<'a> {
    pub offer: &'a Offer,
    /// What the person may do, and so give.
    pub rights: &'a Permissions,
    /// What the workspace asks.
    pub asked: PolicyRules<'a>,
}

impl Offered<'_> {
    /// For a new key.
    pub fn to_new_key(self, rules: &RuleFields) -> ScopeOffer {
        let inherit = ScopeChoice {
            risk: permission_words::greatest_risk(self.offer, self.rights),
            ..plain(
                grant::INHERIT,
                "Same as you",
                "Inherits your rights: whatever you may do here, as your role changes. Stops when \
                 you leave.",
            )
        };
        let presets = self.presets(|preset| self.rights.cover(&preset.permissions));
        self.of((presets, inherit), None, rules)
    }

    /// For a key that has a grant already, which it may keep.
    pub fn to_key(self, key: &ApiKey, rules: &RuleFields) -> ScopeOffer {
        let kept = &key.grant;
        let mut presets = self.presets(|preset| {
            self.rights.cover(&preset.permissions)
                || (&preset.slug, preset.version) == (&kept.scope, kept.version)
        });
        if !is_latest(kept, self.offer) {
            let newer = presets.iter_mut().find(|choice| choice.value == kept.scope);
            let mut words = "As it was when this key was given it; no longer offered.".to_owned();
            if let Some(newer) = newer {
                newer.label = format!("{}, newer version", newer.label);
                words = format!(
                    "As it was when this key was given it, version {}. A newer version changes \
                     nothing here until you choose it.",
                    kept.version
                );
            }
            let choice = ScopeChoice {
                risk: permission_words::greatest_risk(self.offer, key.permissions()),
                ..plain(KEEP, &key.scope, &words)
            };
            presets.insert(0, choice);
        }
        let inherit = plain(
            grant::INHERIT,
            "Same as its owner",
            &format!(
                "Inherits the rights of {}: whatever they may do here, as their role changes. \
                 Stops when they leave.",
                key.owner_name()
            ),
        );
        let mut offer = self.of((presets, inherit), Some(kept), rules);
        // A service key has nobody to be the same as; one that is all the same may stay so.
        let inherits = key.owner.is_some() || kept.scope == grant::INHERIT;
        offer
            .choices
            .retain(|choice| inherits || choice.value != grant::INHERIT);
        offer
    }

    fn of(
        self,
        (mut choices, inherit): (Vec<ScopeChoice>, ScopeChoice),
        kept: Option<&Grant>,
        rules: &RuleFields,
    ) -> ScopeOffer {
        let nothing = Permissions::default();
        let scope_kept = kept.map_or("", |kept| kept.scope.as_str());
        let kept = kept.map_or(&nothing, |kept| &kept.permissions);
        let known = &self.offer.catalogue.permissions;
        let may = |one: &&Permission| self.rights.allow(&one.slug) || kept.allow(&one.slug);
        let mut families = permission_words::families(known.iter().filter(may));
        families.extend(permission_words::unlisted(self.offer, kept));
        for line in families.iter_mut().flat_map(|family| &mut family.lines) {
            line.checked = rules.permissions.contains(&line.slug);
        }
        if !families.is_empty() {
            choices.push(ScopeChoice {
                is_custom: true,
                ..plain(
                    grant::CUSTOM,
                    "Custom permissions",
                    "Only what you choose, one by one.",
                )
            });
        }
        choices.push(inherit);
        let policy = self.asked.policy;
        choices.retain(|choice| {
            let kept = choice.value == scope_kept || choice.value == KEEP;
            kept || policy.allows_scope(&choice.value)
        });
        for choice in &mut choices {
            choice.chosen = choice.value == rules.scope;
        }
        let presets = self.offer.presets.iter();
        let withheld: Vec<&str> = presets
            .filter(|preset| policy.allows_scope(&preset.slug))
            .filter(|preset| !choices.iter().any(|choice| choice.value == preset.slug))
            .map(|preset| preset.label.as_str())
            .chain(
                known
                    .iter()
                    .filter(|one| !may(one))
                    .map(|one| one.label.as_str()),
            )
            .collect();
        ScopeOffer {
            withheld: withheld.join(", "),
            allowed: self.asked.scopes_words(self.offer),
            choices,
            families,
        }
    }

    fn presets(self, may: impl Fn(&&Preset) -> bool) -> Vec<ScopeChoice> {
        let presets = self.offer.presets.iter().filter(may);
        presets
            .map(|preset| ScopeChoice {
                cannot: preset.cannot.clone(),
                risk: permission_words::greatest_risk(self.offer, &preset.permissions),
                ..plain(&preset.slug, &preset.label, &preset.summary)
            })
            .collect()
    }
}

fn plain(value: &str, label: &str, can: &str) -> ScopeChoice {
    ScopeChoice {
        value: value.to_owned(),
        label: label.to_owned(),
        can: can.to_owned(),
        cannot: String::new(),
        risk: None,
        is_custom: false,
        chosen: false,
    }
}
