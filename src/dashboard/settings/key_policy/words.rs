//! A key policy in words.

use crate::dashboard::keys::policy_rules::days_words;
use crate::dashboard::keys::policy_rules::scope_label;
use crate::dashboard::number;
use crate::dashboard::settings::key_policy::form;
use crate::dashboard::settings::key_policy::form::PolicyFields;
use crate::db::catalogue::Offer;
use crate::db::key_policies::Breaking;
use crate::db::key_policies::KEYS_MAX;
use crate::domain::grant;
use crate::domain::key_policy::KeyCreators;
use crate::domain::key_policy::KeyPolicy;

/// A scope that may be allowed.
pub struct ScopeBox {
    pub slug: String,
    pub label: String,
    pub hint: String,
    pub checked: bool,
}

/// One rule of which there are two states.
pub struct Difference {
    pub label: &'static str,
    pub now: String,
    pub sent: String,
}

/// What is offered, and what the policy allows although it is offered no longer.
pub fn scope_boxes(offer: &Offer, policy: &KeyPolicy, fields: &PolicyFields) -> Vec<ScopeBox> {
    let presets = offer.presets.iter();
    let mut boxes: Vec<(String, String)> = presets
        .map(|preset| (preset.slug.clone(), preset.summary.clone()))
        .collect();
    let others = [
        (grant::CUSTOM, "Permissions chosen one by one."),
        (
            grant::INHERIT,
            "Whatever its owner may do, as their role changes.",
        ),
    ];
    boxes.extend(others.map(|(slug, hint)| (slug.to_owned(), hint.to_owned())));
    for kept in policy.scopes.iter().flatten() {
        if !boxes.iter().any(|(slug, _)| slug == kept) {
            boxes.push((kept.clone(), "No longer offered.".to_owned()));
        }
    }
    boxes
        .into_iter()
        .map(|(slug, hint)| ScopeBox {
            label: scope_label(offer, &slug).to_owned(),
            checked: fields.scope.contains(&slug),
            hint,
            slug,
        })
        .collect()
}

/// "12 of 40 current keys are not as it asks …"; empty where it asks nothing of keys.
pub fn breaking(policy: &KeyPolicy, found: &Breaking) -> String {
    if !policy.binds_keys() {
        return String::new();
    }
    let keys = number::counted(found.keys, "current key", "current keys");
    let of = if found.keys >= KEYS_MAX {
        format!("the first {keys} that were looked at")
    } else {
        keys
    };
    if found.breaking == 0 {
        return format!("Of {of}, none breaks it.");
    }
    let mut parts = Vec::new();
    if found.life > 0 {
        parts.push(format!("{} longer", lives(found.life)));
    }
    if found.scope > 0 {
        parts.push(format!("{} another scope", has(found.scope)));
    }
    let verb = if found.breaking == 1 {
        "breaks"
    } else {
        "break"
    };
    format!(
        "Of {of}, {} {verb} it: {}. They keep working as they are; the policy is asked when one is \
         changed.",
        number::grouped(found.breaking),
        parts.join(", ")
    )
}

fn lives(count: i64) -> String {
    let verb = if count == 1 { "lives" } else { "live" };
    format!("{} {verb}", number::grouped(count))
}

fn has(count: i64) -> String {
    let verb = if count == 1 { "has" } else { "have" };
    format!("{} {verb}", number::grouped(count))
}

/// What a rule of a policy says.
type Said = fn(&KeyPolicy, &Offer) -> String;

pub fn differences(now: &KeyPolicy, sent: &KeyPolicy, offer: &Offer) -> Vec<Difference> {
    let rules: [(&'static str, Said); 4] = [
        ("Longest life", |policy, _| {
            let days = policy.longest_life.map(days_words);
            days.unwrap_or_else(|| "No limit".to_owned())
        }),
        ("Offered first", |policy, _| {
            let own = policy.default_expiry.as_deref().unwrap_or_default();
            let known = form::expiries().find(|(slug, _)| *slug == own);
            known.map_or_else(String::new, |(_, label)| label.to_owned())
        }),
        ("Scopes", |policy, offer| {
            let Some(scopes) = &policy.scopes else {
                return "Every one".to_owned();
            };
            let labels: Vec<&str> = scopes.iter().map(|slug| scope_label(offer, slug)).collect();
            labels.join(", ")
        }),
        ("Who creates keys", |policy, _| {
            match policy.creators {
                KeyCreators::Developers => "Developers and admins",
                KeyCreators::Admins => "Admins only",
            }
            .to_owned()
        }),
    ];
    rules
        .into_iter()
        .map(|(label, of)| Difference {
            label,
            now: of(now, offer),
            sent: of(sent, offer),
        })
        .filter(|rule| rule.now != rule.sent)
        .collect()
}
