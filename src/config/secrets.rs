//! The two secrets of an installation. Without a default; a private installation makes its own.

use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::config::DatabaseConfig;
use crate::config::ListenConfig;
use crate::config::Source;

/// Shorter than this can be guessed.
const SECRET_LENGTH_MIN: usize = 32;

/// What people copy from examples, in lower case.
const EXAMPLES: [&str; 6] = [
    "changeme",
    "change-me",
    "change_me",
    "change me",
    "your-secret",
    "your_secret",
];

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
        (Some(secret), _) => {
            if let Some(fault) = weakness(secret.expose_secret()) {
                source.fault(format!("{name}: {fault}"));
            }
        }
        (None, Some(cause)) => source.fault(format!("{name}: must be set, because {cause}")),
        (None, None) => {}
    }
    secret
}

/// What is wrong with a secret that may be guessed.
pub fn weakness(secret: &str) -> Option<String> {
    if secret.len() < SECRET_LENGTH_MIN {
        return Some(format!(
            "use at least {SECRET_LENGTH_MIN} random characters"
        ));
    }
    if is_monotone(secret) {
        return Some("use random characters, not a pattern".to_owned());
    }
    let lower = secret.to_lowercase();
    let is_default = EXAMPLES.iter().any(|example| lower.contains(example));
    is_default.then(|| "this stands in examples; use random characters of your own".to_owned())
}

/// Fewer than eight different characters are no random text.
fn is_monotone(secret: &str) -> bool {
    secret
        .chars()
        .collect::<std::collections::HashSet<_>>()
        .len()
        < 8
}
