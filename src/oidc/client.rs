//! One provider: where a browser is sent, and what its answer proves.

use std::sync::Arc;
use std::time::Duration;

use openidconnect::AuthType;
use openidconnect::AuthUrl;
use openidconnect::AuthorizationCode;
use openidconnect::ClientId;
use openidconnect::ClientSecret;
use openidconnect::CsrfToken;
use openidconnect::EndpointNotSet;
use openidconnect::EndpointSet;
use openidconnect::HttpRequest;
use openidconnect::HttpResponse;
use openidconnect::IssuerUrl;
use openidconnect::JsonWebKeySet;
use openidconnect::Nonce;
use openidconnect::PkceCodeChallenge;
use openidconnect::PkceCodeVerifier;
use openidconnect::RedirectUrl;
use openidconnect::RequestTokenError;
use openidconnect::Scope;
use openidconnect::StandardErrorResponse;
use openidconnect::StandardTokenResponse;
use openidconnect::TokenUrl;
use openidconnect::core::CoreAuthDisplay;
use openidconnect::core::CoreAuthPrompt;
use openidconnect::core::CoreAuthenticationFlow;
use openidconnect::core::CoreErrorResponseType;
use openidconnect::core::CoreGenderClaim;
use openidconnect::core::CoreJsonWebKey;
use openidconnect::core::CoreJweContentEncryptionAlgorithm;
use openidconnect::core::CoreRevocableToken;
use openidconnect::core::CoreRevocationErrorResponse;
use openidconnect::core::CoreTokenIntrospectionResponse;
use openidconnect::core::CoreTokenType;
use secrecy::ExposeSecret;
use url::Url;

use crate::config::OidcClient;
use crate::domain::clock::SharedClock;
use crate::domain::identity::Provider;
use crate::oidc::Fault;
use crate::oidc::cache::Cache;
use crate::oidc::metadata::Metadata;
use crate::oidc::token::Disbelief;
use crate::oidc::token::Judge;
use crate::oidc::token::Keys;
use crate::oidc::token::Proven;
use crate::oidc::token::TenantClaims;
use crate::oidc::token::Token;
use crate::oidc::token::TokenFields;
use crate::oidc::transport::Transport;
use crate::oidc::transport::TransportFault;

/// Beside `openid`: the address, so that people recognise what they linked, and what somebody new is
/// called.
const SCOPES: [&str; 2] = ["email", "profile"];

type TokenAnswer = StandardTokenResponse<TokenFields, CoreTokenType>;

type Exchange = openidconnect::Client<
    TenantClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    TokenAnswer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointNotSet,
>;

/// What ties an answer to the question: 43 letters each, never twice the same.
pub struct FlowSecrets {
    /// Seen by the browser, and by whoever looks over its shoulder.
    pub state: String,
    /// Comes back inside the token.
    pub nonce: String,
    /// Known to nobody but us and, at the end, the provider (PKCE).
    pub verifier: String,
}

/// What the browser brings back.
pub struct Answer<'a> {
    pub code: &'a str,
    /// Whose answer it says it is (RFC 9207); empty if it does not.
    pub issuer: &'a str,
}

#[derive(Clone)]
pub struct ProviderClient(Arc<Inner>);

struct Inner {
    client: OidcClient,
    redirect: RedirectUrl,
    transport: Transport,
    clock: SharedClock,
    cache: Cache,
}

impl ProviderClient {
    pub(super) fn new(
        client: OidcClient,
        redirect: Url,
        transport: Transport,
        clock: SharedClock,
    ) -> Self {
        Self(Arc::new(Inner {
            cache: Cache::new(client.clone(), transport.clone(), clock.clone()),
            client,
            redirect: RedirectUrl::from_url(redirect),
            transport,
            clock,
        }))
    }

    pub fn provider(&self) -> Provider {
        self.0.client.provider
    }

    /// Where people sign in.
    pub fn origin(&self) -> String {
        let issuer = self.0.client.issuer.parse::<Url>();
        issuer.map_or_else(
            |_| String::new(),
            |issuer| issuer.origin().ascii_serialization(),
        )
    }

    /// The address that asks the provider who it is; `anew` where somebody whom it knows must prove
    /// it once more.
    pub async fn question(&self, secrets: &FlowSecrets, anew: bool) -> Result<Url, Fault> {
        let metadata = self.0.cache.metadata().await?;
        let verifier = PkceCodeVerifier::new(secrets.verifier.clone());
        let (state, nonce) = (secrets.state.clone(), secrets.nonce.clone());
        let exchange = self.exchange(&metadata)?;
        let mut question = exchange
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if anew {
            question = question
                .add_prompt(CoreAuthPrompt::Login)
                .set_max_age(Duration::ZERO);
        }
        Ok(question.url().0)
    }

    /// What the answer to `question` proves. The caller has compared its state.
    pub async fn identify(
        &self,
        answer: &Answer<'_>,
        secrets: &FlowSecrets,
    ) -> Result<Proven, Fault> {
        let metadata = self.0.cache.metadata().await?;
        // Before the code is given away: it may be another provider's.
        if answer.issuer.is_empty() {
            if metadata.names_itself {
                return Err(Fault::Refused("it does not say whose it is".to_owned()));
            }
        } else if !metadata.issuer.admits_answer_of(answer.issuer) {
            let whose = format!("it is the answer of “{}”", answer.issuer);
            return Err(Fault::Refused(whose));
        }
        let token = self.redeem(&metadata, answer.code, secrets).await?;
        let nonce = Nonce::new(secrets.nonce.clone());
        let keys = self.0.cache.keys(&metadata).await?;
        let proven = match self.judge(&metadata, &keys, &nonce).proven(&token) {
            Err(Disbelief::UnknownKey) => {
                let keys = self.0.cache.newer_keys(&metadata).await?;
                self.judge(&metadata, &keys, &nonce).proven(&token)
            }
            judged => judged,
        };
        let proven = proven.map_err(|disbelief| match disbelief {
            Disbelief::UnknownKey => Fault::Refused("its key is not the provider's".to_owned()),
            Disbelief::Refused(fault) => fault,
        })?;
        let is_of_the_issuer = answer.issuer.is_empty()
            || answer.issuer == proven.identity.issuer
            || metadata.issuer.is_template(answer.issuer);
        if is_of_the_issuer {
            Ok(proven)
        } else {
            Err(Fault::Refused("its token is of another issuer".to_owned()))
        }
    }

    fn judge<'a>(&'a self, metadata: &'a Metadata, keys: &'a Keys, nonce: &'a Nonce) -> Judge<'a> {
        Judge {
            client: &self.0.client,
            issuer: &metadata.issuer,
            keys,
            nonce,
            now: self.0.clock.now(),
        }
    }

    /// The token that the provider gives for the code.
    async fn redeem(
        &self,
        metadata: &Metadata,
        code: &str,
        secrets: &FlowSecrets,
    ) -> Result<Token, Fault> {
        let exchange = self.exchange(metadata)?;
        let transport = self.0.transport.clone();
        let send = move |request: HttpRequest| send(transport.clone(), request);
        let answer = exchange
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(secrets.verifier.clone()))
            .request_async(&send)
            .await
            .map_err(|error| match error {
                RequestTokenError::Request(fault) => Fault::Unavailable(fault.to_string()),
                RequestTokenError::ServerResponse(answer) => {
                    Fault::Refused(format!("no token for the code: {answer}"))
                }
                // Without the body: there may be a token in it.
                RequestTokenError::Parse(error, _) => {
                    Fault::Refused(format!("its token cannot be read: {error}"))
                }
                RequestTokenError::Other(error) => Fault::Refused(error),
            })?;
        let token = answer.extra_fields().id_token();
        token
            .cloned()
            .ok_or_else(|| Fault::Refused("there is no ID token".to_owned()))
    }

    fn exchange(&self, metadata: &Metadata) -> Result<Exchange, Fault> {
        let client = &self.0.client;
        let issuer = IssuerUrl::new(client.issuer.clone());
        let issuer = issuer.map_err(|error| Fault::Unavailable(error.to_string()))?;
        let place_of_secret = if metadata.secret_in_body {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        };
        Ok(openidconnect::Client::new(
            ClientId::new(client.id.clone()),
            issuer,
            JsonWebKeySet::default(),
        )
        .set_client_secret(ClientSecret::new(client.secret.expose_secret().to_owned()))
        .set_auth_type(place_of_secret)
        .set_auth_uri(AuthUrl::from_url(metadata.authorize.clone()))
        .set_token_uri(TokenUrl::from_url(metadata.token.clone()))
        .set_redirect_uri(self.0.redirect.clone()))
    }
}

async fn send(transport: Transport, request: HttpRequest) -> Result<HttpResponse, TransportFault> {
    transport.send(request).await
}
