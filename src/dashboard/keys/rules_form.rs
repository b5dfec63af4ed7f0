//! What a key may do, how much and from where, as the create and the edit form send it.

use crate::dashboard::form::FormErrors;
use crate::dashboard::keys::grant_form::KEEP;
use crate::dashboard::keys::grant_form::PERMISSIONS;
use crate::dashboard::keys::grant_form::is_latest;
use crate::dashboard::keys::settings_words;
use crate::dashboard::posted::Fields;
use crate::db::catalogue::Offer;
use crate::domain::api_key::ApiKey;
use crate::domain::limit;
use crate::domain::limit::KeyLimits;
use crate::domain::limit::Window;
use crate::domain::network;
use crate::domain::network::Network;

/// What stands in the form.
#[derive(Debug, Clone, Default)]
pub struct RuleFields {
    pub scope: String,
    /// Of the custom scope, those that are checked.
    pub permissions: Vec<String>,
    pub resources: String,
    /// In the order of `Window::ALL`.
    pub quotas: [String; Window::ALL.len()],
    pub allowed_ips: String,
    pub allowed_origins: String,
}

/// One limit of the form.
pub struct QuotaField<'a> {
    pub field: &'static str,
    pub label: &'static str,
    pub value: &'a str,
    pub error: &'a str,
}

const QUOTAS: [(Window, &str); Window::ALL.len()] = [
    (Window::Total, "quota_total"),
    (Window::Daily, "quota_daily"),
    (Window::Weekly, "quota_weekly"),
    (Window::Monthly, "quota_monthly"),
];

impl RuleFields {
    pub fn sent(fields: &Fields) -> Self {
        let sent = |name: &str| fields.get(name).to_owned();
        Self {
            scope: sent("scope"),
            permissions: fields.all(PERMISSIONS).map(str::to_owned).collect(),
            resources: sent("resources"),
            quotas: QUOTAS.map(|(_, field)| sent(field)),
            allowed_ips: sent("allowed_ips"),
            allowed_origins: sent("allowed_origins"),
        }
    }

    /// As the key has them; of `scope`, the radio that changes nothing.
    pub fn of(key: &ApiKey, offer: &Offer) -> Self {
        let lines = |entries: Vec<String>| entries.join("\n");
        let resources = match &key.grant.resources {
            all if all.are_all() => String::new(),
            some => lines(some.iter().map(str::to_owned).collect()),
        };
        let cap = |window| key.limits.of(window).map(|cap| cap.to_string());
        Self {
            scope: if is_latest(&key.grant, offer) {
                key.grant.scope.clone()
            } else {
                KEEP.to_owned()
            },
            permissions: key.grant.permissions.iter().map(str::to_owned).collect(),
            resources,
            quotas: QUOTAS.map(|(window, _)| cap(window).unwrap_or_default()),
            allowed_ips: lines(key.network.ips.iter().map(address).collect()),
            allowed_origins: lines(
                key.network
                    .origins
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
            ),
        }
    }

    pub fn quota_fields<'a>(&'a self, errors: &'a FormErrors) -> Vec<QuotaField<'a>> {
        let fields = QUOTAS.iter().zip(&self.quotas);
        fields
            .map(|(&(window, field), value)| QuotaField {
                field,
                label: settings_words::window(window),
                value,
                error: errors.of(field),
            })
            .collect()
    }

    /// Every field with its value, to be sent once more.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![
            ("scope", self.scope.clone()),
            ("resources", self.resources.clone()),
            ("allowed_ips", self.allowed_ips.clone()),
            ("allowed_origins", self.allowed_origins.clone()),
        ];
        let permissions = self.permissions.iter();
        pairs.extend(permissions.map(|one| (PERMISSIONS, one.clone())));
        let quotas = QUOTAS.iter().zip(&self.quotas);
        pairs.extend(quotas.map(|(&(_, field), value)| (field, value.clone())));
        pairs
    }

    /// Whether the form opens with its limits in sight.
    pub fn shows_limits(&self, errors: &FormErrors) -> bool {
        let wrong = QUOTAS.iter().any(|(_, field)| !errors.of(field).is_empty());
        wrong || self.quotas.iter().any(|quota| !quota.trim().is_empty())
    }

    pub fn shows_network(&self, errors: &FormErrors) -> bool {
        ["allowed_ips", "allowed_origins"]
            .iter()
            .any(|field| !errors.of(field).is_empty())
            || !self.allowed_ips.trim().is_empty()
            || !self.allowed_origins.trim().is_empty()
    }
}

/// One address without the length that says so.
pub fn address(net: &ipnet::IpNet) -> String {
    if net.prefix_len() == net.max_prefix_len() {
        net.addr().to_string()
    } else {
        net.to_string()
    }
}

pub fn limits(fields: &Fields, errors: &mut FormErrors) -> Option<KeyLimits> {
    let [total, daily, weekly, monthly] =
        QUOTAS.map(|(_, field)| fields.parse_with(field, errors, limit::parse_cap));
    Some(KeyLimits {
        total: total?,
        daily: daily?,
        weekly: weekly?,
        monthly: monthly?,
    })
}

pub fn network(fields: &Fields, errors: &mut FormErrors) -> Option<Network> {
    let ips = fields.parse_with("allowed_ips", errors, network::parse_ips);
    let origins = fields.parse_with("allowed_origins", errors, network::parse_origins);
    Some(Network {
        ips: ips?,
        origins: origins?,
    })
}
