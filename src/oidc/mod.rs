//! Sign-in with Google and Microsoft: where they are, what their tokens are worth.
//!
//! The authorization-code flow of OpenID Connect with PKCE, by the crate `openidconnect`; here is
//! what it leaves to its user: which issuer is believed, over which connections, with which keys.
//! A provider is looked up when somebody first wants it, so that none can hold up a start.

mod cache;
mod client;
mod issuer;
mod metadata;
mod token;
mod transport;

use std::sync::Arc;

use url::Url;

use crate::config::OidcConfig;
use crate::domain::clock::SharedClock;
use crate::domain::identity::Provider;

pub use crate::oidc::client::Answer;
pub use crate::oidc::client::FlowSecrets;
pub use crate::oidc::client::ProviderClient;
pub use crate::oidc::token::Proven;
use crate::oidc::transport::Transport;

/// Why nobody was identified.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It does not answer, or not as a provider does. Later it may.
    #[error("the provider is not available: {0}")]
    Unavailable(String),
    /// It answered, and the answer is not to be believed.
    #[error("the provider's answer is refused: {0}")]
    Refused(String),
}

/// The providers that are set up; cheap to clone.
#[derive(Clone, Default)]
pub struct Providers(Arc<[ProviderClient]>);

impl Providers {
    /// `site` is where the console is reached. Nothing is asked of a provider yet.
    pub fn new(config: &OidcConfig, site: &Url, clock: &SharedClock) -> Result<Self, NoRedirect> {
        let transport = Transport::new();
        let clients = config.clients.iter().map(|client| {
            let redirect = redirect_url(site, client.provider)?;
            let transport = transport.clone();
            let client = client.clone();
            Ok(ProviderClient::new(
                client,
                redirect,
                transport,
                clock.clone(),
            ))
        });
        Ok(Self(clients.collect::<Result<_, _>>()?))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order of their buttons.
    pub fn iter(&self) -> std::slice::Iter<'_, ProviderClient> {
        self.0.iter()
    }

    pub fn get(&self, provider: Provider) -> Option<&ProviderClient> {
        self.iter().find(|client| client.provider() == provider)
    }

    /// The origins to which forms of ours may lead on.
    pub fn origins(&self) -> Vec<String> {
        self.iter().map(ProviderClient::origin).collect()
    }
}

impl<'a> IntoIterator for &'a Providers {
    type Item = &'a ProviderClient;
    type IntoIter = std::slice::Iter<'a, ProviderClient>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The console's address cannot be returned to.
#[derive(Debug, thiserror::Error)]
#[error("no provider can lead back to {0}")]
pub struct NoRedirect(String);

/// One for each issuer, so that an answer can never be taken for another's.
fn redirect_url(site: &Url, provider: Provider) -> Result<Url, NoRedirect> {
    site.join(&format!("/oidc/{}/callback", provider.as_str()))
        .map_err(|_| NoRedirect(site.to_string()))
}
