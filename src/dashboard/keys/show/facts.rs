//! What a key's page says of it, fact by fact.

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::keys::change_line;
use crate::dashboard::keys::settings_words;
use crate::dashboard::keys::show::ShowPage;
use crate::dashboard::moment::Moment;
use crate::domain::api_key;
use crate::domain::key_state::KeyState;

impl ShowPage {
    /// Of a key that works.
    pub(super) fn may_disable_now(&self) -> bool {
        let state = self.key.times.state(self.now);
        self.may_disable && matches!(state, KeyState::Active | KeyState::Rotating)
    }

    fn moment(&self, at: Option<DateTime<Utc>>) -> Option<Moment> {
        at.map(|at| Moment::new(at, self.now))
    }

    pub(super) fn masked(&self) -> String {
        api_key::masked(&self.prefix, self.key.id, self.key.last_four())
    }

    pub(super) fn created(&self) -> Moment {
        Moment::new(self.key.created_at, self.now)
    }

    pub(super) fn rotated(&self) -> Moment {
        let secret = self.key.secrets.last();
        let at = secret.map_or(self.key.created_at, |secret| secret.created_at);
        Moment::new(at, self.now)
    }

    pub(super) fn was_rotated(&self) -> bool {
        self.key
            .secrets
            .last()
            .is_some_and(|secret| secret.generation > 1)
    }

    pub(super) fn last_used(&self) -> Option<Moment> {
        self.moment(self.key.last_used_at)
    }

    /// Where the last call came from, for who may know.
    pub(super) fn last_used_from(&self) -> String {
        let ip = self.key.last_used_ip.and_then(|ip| self.sight.shown(ip));
        ip.map_or_else(String::new, |ip| format!(" from {ip}"))
    }

    pub(super) fn expires(&self) -> Option<Moment> {
        self.moment(self.key.times.expires_at)
    }

    pub(super) fn revoked_at(&self) -> Option<Moment> {
        self.moment(self.key.times.revoked_at)
    }

    pub(super) fn is_disabled(&self) -> bool {
        self.key.times.disabled_at.is_some()
    }

    /// Told while it is what stops the key.
    pub(super) fn disabled_at(&self) -> Option<Moment> {
        let stops = self.key.times.state(self.now) == KeyState::Disabled;
        self.moment(self.key.times.disabled_at.filter(|_| stops))
    }

    pub(super) fn revoked_by(&self) -> &str {
        self.key.revoked_by.as_deref().unwrap_or("somebody")
    }

    pub(super) fn revoked_because(&self) -> String {
        change_line::because(self.key.revoked_reason.as_deref())
    }

    /// From where the key is taken.
    pub(super) fn ips(&self) -> String {
        settings_words::ips_seen(&self.key.network, self.sight)
    }

    pub(super) fn origins(&self) -> String {
        settings_words::origins(&self.key.network)
    }

    pub(super) fn may_rotate(&self) -> bool {
        let state = self.key.times.state(self.now);
        self.may_manage && matches!(state, KeyState::Active | KeyState::Rotating)
    }

    pub(super) fn may_revoke(&self) -> bool {
        self.may_manage && self.key.times.revoked_at.is_none()
    }
}
