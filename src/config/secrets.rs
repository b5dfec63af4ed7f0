//! The two secrets of an installation. Without a default; a private installation makes its own.

use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::config::DatabaseConfig;
use crate::config::ListenConfig;
use crate::config::Source;

/// Shorter than this can be guessed.
const SECRET_LENGTH_MIN: usize = 32;

#[derive(Debug, Clone)]
pub struct SecretsConfig {
    /// `LATCHKEY_SECRET_KEY`: keys cookies and forms. Unset: a file in the data directory.
    pub secret_key: Option<SecretString>,
    /// `LATCHKEY_PEPPER`: keys the digests of API keys. Unset: a file in the data directory.
    pub pepper: Option<SecretString>,
}

impl SecretsConfig {
    pub(super) fn read(
        source: &mut Source<'_>,
        database: &DatabaseConfig,
        listen: &ListenConfig,
    ) -> Self {
        let cause = if database.url.is_some() {
            Some("DATABASE_URL is set, so that every node must know the same one".to_owned())
        } else {
            listen
                .exposed()
                .map(|name| format!("{name} can be reached by other machines"))
        };
        Self {
            secret_key: strong(source, "LATCHKEY_SECRET_KEY", cause.as_deref()),
            pepper: strong(source, "LATCHKEY_PEPPER", cause.as_deref()),
        }
    }
}

fn strong(source: &mut Source<'_>, name: &str, cause: Option<&str>) -> Option<SecretString> {
    let secret = source.secret(name);
    match (&secret, cause) {
        (Some(secret), _) if secret.expose_secret().len() < SECRET_LENGTH_MIN => {
            source.fault(format!(
                "{name}: use at least {SECRET_LENGTH_MIN} random characters"
            ));
        }
        (Some(secret), _) if is_monotone(secret.expose_secret()) => {
            source.fault(format!("{name}: use random characters, not a pattern"));
        }
        (None, Some(cause)) => source.fault(format!("{name}: must be set, because {cause}")),
        _ => {}
    }
    secret
}

/// Fewer than eight different characters are no random text.
fn is_monotone(secret: &str) -> bool {
    secret
        .chars()
        .collect::<std::collections::HashSet<_>>()
        .len()
        < 8
}
