//! A key's settings in words, so that two states of them can be laid side by side.

use chrono::DateTime;
use chrono::Utc;
use ipnet::IpNet;

use crate::dashboard::keys::rules_form::address;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::db::api_keys::KeyEdit;
use crate::db::catalogue::Offer;
use crate::domain::api_key::ApiKey;
use crate::domain::grant;
use crate::domain::grant::Grant;
use crate::domain::grant::Resources;
use crate::domain::limit::KeyLimits;
use crate::domain::limit::Window;
use crate::domain::network::Network;
use crate::domain::support;
use crate::domain::support::Sight;

/// One setting of which there are two states.
pub struct Difference {
    pub label: &'static str,
    pub theirs: String,
    pub ours: String,
}

/// Where the key as it is now and the edit do not agree.
pub fn differences(
    key: &ApiKey,
    edit: &KeyEdit,
    offer: &Offer,
    now: DateTime<Utc>,
) -> Vec<Difference> {
    let end = |at: Option<DateTime<Utc>>| {
        at.map_or_else(|| "Never".to_owned(), |at| Moment::new(at, now).at())
    };
    let scopes = if key.grant == edit.grant {
        (String::new(), String::new())
    } else {
        (
            scope(&key.grant, &key.scope, offer),
            scope(&edit.grant, label(&edit.grant, key, offer), offer),
        )
    };
    let pairs = [
        ("Name", key.name.clone(), edit.name.as_str().to_owned()),
        ("Category", key.category.clone(), edit.category.clone()),
        ("Scope", scopes.0, scopes.1),
        (
            "Resources",
            resources(&key.grant.resources),
            resources(&edit.grant.resources),
        ),
        ("Expires", end(key.times.expires_at), end(edit.expires_at)),
        ("Limits", limits(&key.limits), limits(&edit.limits)),
        ("Allowed addresses", ips(&key.network), ips(&edit.network)),
        (
            "Allowed origins",
            origins(&key.network),
            origins(&edit.network),
        ),
        ("Note", key.note.clone(), edit.note.clone()),
    ];
    pairs
        .into_iter()
        .filter(|(_, theirs, ours)| theirs != ours)
        .map(|(label, theirs, ours)| Difference {
            label,
            theirs: some(theirs),
            ours: some(ours),
        })
        .collect()
}

fn some(text: String) -> String {
    if text.is_empty() {
        "Nothing".to_owned()
    } else {
        text
    }
}

fn label<'a>(grant: &Grant, key: &'a ApiKey, offer: &'a Offer) -> &'a str {
    match (offer.preset(&grant.scope), grant.scope.as_str()) {
        (Some(preset), _) => &preset.label,
        (None, grant::INHERIT) => "Same as its owner",
        (None, grant::CUSTOM) => "Custom",
        (None, _) => &key.scope,
    }
}

fn scope(grant: &Grant, label: &str, offer: &Offer) -> String {
    let known = |slug| {
        offer
            .catalogue
            .permission(slug)
            .map(|known| known.label.as_str())
    };
    let permissions: Vec<&str> = grant
        .permissions
        .iter()
        .map(|slug| known(slug).unwrap_or(slug))
        .collect();
    match grant.scope.as_str() {
        grant::CUSTOM => format!("{label}: {}", permissions.join(", ")),
        grant::INHERIT => label.to_owned(),
        _ => format!("{label}, version {}", grant.version),
    }
}

pub fn resources(resources: &Resources) -> String {
    if resources.are_all() {
        return "All".to_owned();
    }
    resources.iter().collect::<Vec<_>>().join(", ")
}

/// "In 24 hours" and the like, as limits are named on every page.
pub fn window(window: Window) -> &'static str {
    match window {
        Window::Total => "In total",
        Window::Daily => "In 24 hours",
        Window::Weekly => "In 7 days",
        Window::Monthly => "In 30 days",
    }
}

fn limits(limits: &KeyLimits) -> String {
    let caps: Vec<String> = limits
        .iter()
        .map(|(of, cap)| {
            let cap = number::grouped(i64::try_from(cap).unwrap_or(i64::MAX));
            format!("{}: {cap}", window(of))
        })
        .collect();
    caps.join(", ")
}

pub fn ips(network: &Network) -> String {
    let ips: Vec<String> = network.ips.iter().map(address).collect();
    ips.join(", ")
}

/// To somebody who sees so much of addresses. A network says no more than its mask would.
pub fn ips_seen(network: &Network, sight: Sight) -> String {
    let shown = |net: &IpNet| {
        let is_one = net.prefix_len() == net.max_prefix_len();
        match sight {
            Sight::Whole => address(net),
            _ if is_one => support::masked(net.addr()),
            _ => address(net),
        }
    };
    let ips: Vec<String> = network.ips.iter().map(shown).collect();
    ips.join(", ")
}

pub fn origins(network: &Network) -> String {
    network.origins.join(", ")
}
