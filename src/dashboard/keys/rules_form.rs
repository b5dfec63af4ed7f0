//! What a key may do, how much and from where, as the create and the edit form send it.

use crate::dashboard::form::FormErrors;
use crate::dashboard::keys::settings_words;
use crate::dashboard::keys::words_form::Words;
use crate::dashboard::posted::Fields;
use crate::db::presets::Preset;
use crate::domain::api_key::ApiKey;
use crate::domain::grant;
use crate::domain::grant::Grant;
use crate::domain::grant::Resources;
use crate::domain::limit;
use crate::domain::limit::KeyLimits;
use crate::domain::limit::Window;
use crate::domain::network;
use crate::domain::network::Network;

/// The scope of the edit form that leaves a preset in the version the key has.
pub const KEEP: &str = "keep";

/// What stands in the form.
#[derive(Debug, Clone, Default)]
pub struct RuleFields {
    pub scope: String,
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

/// What the fields are judged by.
#[derive(Clone, Copy)]
pub struct RuleOffer<'a> {
    /// Each in its latest version.
    pub presets: &'a [Preset],
    /// What the edited key has, which it may keep.
    pub kept: Option<&'a Grant>,
    pub words: Words<'a>,
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
            resources: sent("resources"),
            quotas: QUOTAS.map(|(_, field)| sent(field)),
            allowed_ips: sent("allowed_ips"),
            allowed_origins: sent("allowed_origins"),
        }
    }

    /// As the key has them; of `scope`, the radio that changes nothing.
    pub fn of(key: &ApiKey, presets: &[Preset]) -> Self {
        let lines = |entries: Vec<String>| entries.join("\n");
        let resources = match &key.grant.resources {
            all if all.are_all() => String::new(),
            some => lines(some.iter().map(str::to_owned).collect()),
        };
        let cap = |window| key.limits.of(window).map(|cap| cap.to_string());
        Self {
            scope: if is_latest(&key.grant, presets) {
                key.grant.scope.clone()
            } else {
                KEEP.to_owned()
            },
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

/// Whether the key's grant is among what is offered now.
pub fn is_latest(grant: &Grant, presets: &[Preset]) -> bool {
    matches!(grant.scope.as_str(), grant::CUSTOM | grant::INHERIT)
        || presets
            .iter()
            .any(|preset| preset.slug == grant.scope && preset.version == grant.version)
}

/// One address without the length that says so.
pub fn address(net: &ipnet::IpNet) -> String {
    if net.prefix_len() == net.max_prefix_len() {
        net.addr().to_string()
    } else {
        net.to_string()
    }
}

impl RuleOffer<'_> {
    pub fn grant(&self, fields: &Fields, errors: &mut FormErrors) -> Option<Grant> {
        let grant = fields.parse_with("scope", errors, |scope| self.scope(scope));
        let resources = fields.parse_with("resources", errors, |text| self.resources(text));
        Some(Grant {
            resources: resources?,
            ..grant?
        })
    }

    fn scope(&self, scope: &str) -> Result<Grant, &'static str> {
        if let Some(preset) = self.presets.iter().find(|preset| preset.slug == scope) {
            return Ok(Grant::preset(&preset.slug, preset.version));
        }
        match (scope, self.kept) {
            (grant::INHERIT, _) => Ok(Grant::preset(grant::INHERIT, 1)),
            (KEEP, Some(kept)) => Ok(kept.clone()),
            _ => Err("Choose what the key may do."),
        }
    }

    fn resources(&self, text: &str) -> Result<Resources, String> {
        self.words.refuse_secret(text)?;
        grant::parse_resources(text).map_err(|fault| fault.to_string())
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
