//! What a workspace's key policy asks of a key that is made or changed: said at its field, and the
//! same words where it is refused.

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::db::catalogue::Offer;
use crate::domain::api_key::ApiKey;
use crate::domain::grant;
use crate::domain::grant::Grant;
use crate::domain::key_policy::KeyPolicy;

/// A policy, and the name of the workspace whose it is.
#[derive(Clone, Copy)]
pub struct PolicyRules<'a> {
    pub policy: &'a KeyPolicy,
    pub workspace: &'a str,
}

impl PolicyRules<'_> {
    /// "Keys of Default live at most 90 days."; empty where they may live for ever.
    pub fn life_words(&self) -> String {
        self.policy.longest_life.map_or_else(String::new, |days| {
            format!(
                "Keys of {} live at most {}.",
                self.workspace,
                days_words(days)
            )
        })
    }

    /// Whether a new key may end so.
    pub fn judge_end(
        &self,
        created_at: DateTime<Utc>,
        end: Option<DateTime<Utc>>,
    ) -> Result<(), String> {
        if self.policy.allows_end(created_at, end) {
            return Ok(());
        }
        Err(self.too_long(created_at))
    }

    fn too_long(&self, created_at: DateTime<Utc>) -> String {
        let latest = self.policy.latest(created_at).unwrap_or(created_at);
        // The end of a day is the beginning of the next.
        let last = Moment::new(latest - chrono::TimeDelta::seconds(1), created_at).day();
        format!("{} Choose an end up to {last}.", self.life_words())
    }

    /// Whether `key` may end so: as it does now, earlier, or as a new key of its age might.
    pub fn judge_new_end(&self, key: &ApiKey, end: Option<DateTime<Utc>>) -> Result<(), String> {
        let now = key.times.expires_at;
        let earlier = end.is_some_and(|end| now.is_none_or(|now| end < now));
        if end == now || earlier || self.policy.allows_end(key.created_at, end) {
            return Ok(());
        }
        Err(format!(
            "{} Counted from their creation. To go on after that, create a similar key and move \
             your program to it.",
            self.life_words()
        ))
    }

    /// Whether a key that has `kept`, or a new one, may have `wanted`.
    pub fn judge_grant(
        &self,
        kept: Option<&Grant>,
        wanted: &Grant,
        offer: &Offer,
    ) -> Result<(), String> {
        if kept == Some(wanted) || self.policy.allows_scope(&wanted.scope) {
            return Ok(());
        }
        Err(format!(
            "“{}” is not among the scopes that the key policy of {} allows: {}.",
            scope_label(offer, &wanted.scope),
            self.workspace,
            self.scopes_words(offer)
        ))
    }

    /// The scopes that are allowed, by name.
    pub fn scopes_words(&self, offer: &Offer) -> String {
        let scopes = self.policy.scopes.iter().flatten();
        let labels: Vec<&str> = scopes.map(|slug| scope_label(offer, slug)).collect();
        labels.join(", ")
    }

    /// How a key that is there differs from the policy, which leaves it as it is; empty for not.
    pub fn broken_by(&self, key: &ApiKey) -> String {
        let life = !self.policy.allows_end(key.created_at, key.times.expires_at);
        let scope = !self.policy.allows_scope(&key.grant.scope);
        let scope_words = format!("its scope is not one that {} allows now", self.workspace);
        match (life, scope) {
            (false, false) => String::new(),
            (true, false) => format!("{} This one lives longer.", self.life_words()),
            (false, true) => format!("Made before the key policy: {scope_words}."),
            (true, true) => format!(
                "{} This one lives longer, and {scope_words}.",
                self.life_words()
            ),
        }
    }
}

pub fn days_words(days: u16) -> String {
    number::counted(i64::from(days), "day", "days")
}

pub fn scope_label<'a>(offer: &'a Offer, slug: &'a str) -> &'a str {
    match (offer.preset(slug), slug) {
        (Some(preset), _) => &preset.label,
        (None, grant::CUSTOM) => "Custom permissions",
        (None, grant::INHERIT) => "Same as its owner",
        (None, slug) => slug,
    }
}
