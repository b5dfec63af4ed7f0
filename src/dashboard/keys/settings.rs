//! What the key pages know of the installation.

use crate::crypto::digest::Pepper;
use crate::dashboard::console::Promises;
use crate::db::catalogue::Offers;
use crate::domain::key_prefix::KeyPrefix;

#[derive(Debug, Clone)]
pub struct KeySettings {
    pub prefix: KeyPrefix,
    pub pepper: Pepper,
    /// Where callers reach the API: the gateway, if there is one.
    pub api_url: Option<String>,
    pub promises: Promises,
    pub offers: Offers,
}

/// Stands in snippets for an API behind no gateway of ours.
const UNKNOWN_API: &str = "https://api.example.com/v1/documents";

impl KeySettings {
    /// What the calls in snippets call.
    pub fn called(&self) -> String {
        match &self.api_url {
            Some(gateway) => format!("{}/", gateway.trim_end_matches('/')),
            None => UNKNOWN_API.to_owned(),
        }
    }

    /// A call whose key is in the environment, where no shell history sees it.
    pub fn curl(&self) -> String {
        self.curl_with("Authorization: Bearer $LATCHKEY_API_KEY")
    }

    pub fn curl_with(&self, header: &str) -> String {
        format!("curl {} \\\n  -H \"{header}\"", self.called())
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
