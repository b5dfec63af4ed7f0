//! What the key pages know of the installation.

use crate::crypto::digest::Pepper;
use crate::dashboard::console::Promises;
use crate::domain::key_prefix::KeyPrefix;

#[derive(Debug, Clone)]
pub struct KeySettings {
    pub prefix: KeyPrefix,
    pub pepper: Pepper,
    /// Where callers reach the API: the gateway, if there is one.
    pub api_url: Option<String>,
    pub promises: Promises,
}

/// Stands in snippets for an API behind no gateway of ours.
const UNKNOWN_API: &str = "https://api.example.com";

impl KeySettings {
    /// The base of the calls in snippets.
    pub fn api_base(&self) -> &str {
        self.api_url
            .as_deref()
            .map_or(UNKNOWN_API, |url| url.trim_end_matches('/'))
    }

    /// A call whose key is in the environment, where no shell history sees it.
    pub fn curl(&self) -> String {
        self.curl_with("Authorization: Bearer $LATCHKEY_API_KEY")
    }

    pub fn curl_with(&self, header: &str) -> String {
        format!(
            "curl {}/v1/documents \\\n  -H \"{header}\"",
            self.api_base()
        )
    }

    /// "2 seconds".
    pub fn revoked_within_words(&self) -> String {
        match self.promises.revoked_within.as_millis() {
            1000 => "1 second".to_owned(),
            millis if millis % 1000 == 0 => format!("{} seconds", millis / 1000),
            millis => format!("{millis} ms"),
        }
    }
}
