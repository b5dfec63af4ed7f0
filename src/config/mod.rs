//! The environment, read once at the start. All faults are reported together.

mod database;
mod keys;
mod listen;
mod log;
mod mail;
mod mirror;
pub mod oidc;
mod secrets;
mod source;

pub use crate::config::database::DatabaseConfig;
pub use crate::config::keys::KeyConfig;
pub use crate::config::listen::ListenConfig;
pub use crate::config::log::Durability;
pub use crate::config::log::LogConfig;
pub use crate::config::log::LogFailure;
pub use crate::config::mail::MailConfig;
pub use crate::config::mail::SmtpConfig;
pub use crate::config::mirror::MirrorConfig;
pub use crate::config::oidc::OidcClient;
pub use crate::config::oidc::OidcConfig;
pub use crate::config::secrets::SecretsConfig;
pub use crate::config::secrets::weakness;
pub use crate::config::source::Source;

#[derive(Debug, Clone)]
pub struct Config {
    pub listen: ListenConfig,
    pub database: DatabaseConfig,
    pub secrets: SecretsConfig,
    pub keys: KeyConfig,
    pub log: LogConfig,
    pub mail: MailConfig,
    pub mirror: MirrorConfig,
    pub oidc: OidcConfig,
}

/// Everything that is wrong with the environment, one line each.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigFaults(pub Vec<String>);

impl Config {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, ConfigFaults> {
        Self::read(&|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// Reads variables through `lookup`; an empty value counts as unset.
    pub fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigFaults> {
        let mut source = Source::new(lookup);
        let database = DatabaseConfig::read(&mut source);
        let listen = ListenConfig::read(&mut source);
        let secrets = SecretsConfig::read(&mut source, &database, &listen);
        let config = Self {
            keys: KeyConfig::read(&mut source),
            log: LogConfig::read(&mut source),
            mail: MailConfig::read(&mut source),
            mirror: MirrorConfig::read(&mut source),
            oidc: OidcConfig::read(&mut source),
            listen,
            database,
            secrets,
        };
        source.finish(config)
    }
}

/// Every variable that some section reads; the README's table has a row for each.
pub const VARIABLES: [&str; 31] = [
    "LATCHKEY_LISTEN",
    "LATCHKEY_API_LISTEN",
    "LATCHKEY_GATEWAY_LISTEN",
    "LATCHKEY_UPSTREAM",
    "LATCHKEY_PUBLIC_URL",
    "LATCHKEY_TRUSTED_PROXIES",
    "LATCHKEY_FORWARD_AUTH_PEERS",
    "DATABASE_URL",
    "LATCHKEY_DATA_DIR",
    "LATCHKEY_READ_DATABASE_URL",
    "LATCHKEY_PG_BIN",
    "LATCHKEY_PG_USER",
    "LATCHKEY_MIGRATE",
    "LATCHKEY_SECRET_KEY",
    "LATCHKEY_PEPPER",
    "LATCHKEY_KEY_PREFIX",
    "LATCHKEY_LOG_RETENTION_DAYS",
    "LATCHKEY_LOG_DURABILITY",
    "LATCHKEY_LOG_FAILURE",
    "LATCHKEY_MIRROR_LEASE_MS",
    "LATCHKEY_NODE_NAME",
    "LATCHKEY_SMTP_URL",
    "LATCHKEY_MAIL_FROM",
    "LATCHKEY_OIDC_GOOGLE_CLIENT_ID",
    "LATCHKEY_OIDC_GOOGLE_CLIENT_SECRET",
    "LATCHKEY_OIDC_GOOGLE_ISSUER",
    "LATCHKEY_OIDC_MICROSOFT_CLIENT_ID",
    "LATCHKEY_OIDC_MICROSOFT_CLIENT_SECRET",
    "LATCHKEY_OIDC_MICROSOFT_ISSUER",
    "LATCHKEY_LOG",
    "LATCHKEY_LOG_FORMAT",
];

#[cfg(test)]
mod tests;
