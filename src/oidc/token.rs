//! What a token says, once everything about it has been checked.

use std::collections::HashMap;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use openidconnect::AdditionalClaims;
use openidconnect::ClaimsVerificationError;
use openidconnect::ClientId;
use openidconnect::EmptyExtraTokenFields;
use openidconnect::IdToken;
use openidconnect::IdTokenFields;
use openidconnect::IdTokenVerifier;
use openidconnect::IssuerUrl;
use openidconnect::JsonWebKey;
use openidconnect::Nonce;
use openidconnect::SignatureVerificationError;
use openidconnect::core::CoreGenderClaim;
use openidconnect::core::CoreIdTokenVerifier;
use openidconnect::core::CoreJsonWebKeySet;
use openidconnect::core::CoreJweContentEncryptionAlgorithm;
use openidconnect::core::CoreJwsSigningAlgorithm;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::config::OidcClient;
use crate::domain::identity::Identity;
use crate::domain::identity::Provider;
use crate::domain::person::Email;
use crate::oidc::Fault;
use crate::oidc::issuer::IssuerRule;

/// Signatures that only the holder of a private key can make: never none, and never one keyed with
/// a secret, for which a published key could be taken.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 3] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
];

/// A token that was issued later than this from now was not issued by a clock.
const AHEAD_MAX: TimeDelta = TimeDelta::minutes(5);

/// What Microsoft's tokens say beside the standard's claims.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub struct TenantClaims {
    tid: Option<String>,
    /// Whether the tenant owns the domain of the address; without it anybody's tenant may say any.
    xms_edov: Option<Value>,
}

impl AdditionalClaims for TenantClaims {}

pub type Token = IdToken<
    TenantClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

pub type TokenFields = IdTokenFields<
    TenantClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// A provider's published keys.
#[derive(Debug)]
pub struct Keys {
    set: CoreJsonWebKeySet,
    /// For which issuer a key is published, where the provider says so, by the key's id.
    issuers: HashMap<String, String>,
}

#[derive(Deserialize)]
struct KeyLabels {
    keys: Vec<KeyLabel>,
}

#[derive(Deserialize)]
struct KeyLabel {
    kid: Option<String>,
    issuer: Option<String>,
}

impl Keys {
    pub fn parse(body: &[u8]) -> Result<Self, Fault> {
        let fault = |error: serde_json::Error| Fault::Unavailable(format!("its keys: {error}"));
        let labels: KeyLabels = serde_json::from_slice(body).map_err(fault)?;
        let issuers = labels
            .keys
            .into_iter()
            .filter_map(|label| Some((label.kid?, label.issuer?)));
        Ok(Self {
            set: serde_json::from_slice(body).map_err(fault)?,
            issuers: issuers.collect(),
        })
    }
}

/// Microsoft writes it in all these ways.
fn is_true(claim: &Value) -> bool {
    match claim {
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_i64() == Some(1),
        Value::String(text) => matches!(text.as_str(), "1" | "true"),
        _ => false,
    }
}

/// Why a token was not believed.
pub enum Disbelief {
    /// It names a key that is not among them; newer keys may have it.
    UnknownKey,
    Refused(Fault),
}

/// All that a token is judged by.
pub struct Judge<'a> {
    pub client: &'a OidcClient,
    pub issuer: &'a IssuerRule,
    pub keys: &'a Keys,
    pub nonce: &'a Nonce,
    pub now: DateTime<Utc>,
}

/// What a token proves.
#[derive(Debug, Clone)]
pub struct Proven {
    pub identity: Identity,
    /// An address of which the provider says that it is the person's. It is good for being compared
    /// with one that was written to, and for nothing else.
    pub verified_email: Option<Email>,
    /// What the provider calls the person; good for being offered to them, and for nothing else.
    pub name: Option<String>,
    /// When the person last proved to the provider who they are, where it says so.
    pub authenticated_at: Option<DateTime<Utc>>,
}

impl Judge<'_> {
    /// What the token proves.
    pub fn proven(&self, token: &Token) -> Result<Proven, Disbelief> {
        let refused = |what: String| Disbelief::Refused(Fault::Refused(what));
        let now = self.now;
        // A public client's has no secret, so that nothing can be signed with it.
        let verifier = IdTokenVerifier::new_public_client(
            ClientId::new(self.client.id.clone()),
            // Judged below: a shared issuer is another one for each tenant.
            IssuerUrl::new(self.client.issuer.clone())
                .map_err(|error| refused(error.to_string()))?,
            self.keys.set.clone(),
        )
        .require_issuer_match(false)
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || now)
        .set_issue_time_verifier_fn(move |issued: DateTime<Utc>| {
            if issued <= now + AHEAD_MAX {
                Ok(())
            } else {
                Err("issued in the future".to_owned())
            }
        });
        let claims = token
            .claims(&verifier, self.nonce)
            .map_err(|error| match error {
                ClaimsVerificationError::SignatureVerification(
                    SignatureVerificationError::NoMatchingKey,
                ) => Disbelief::UnknownKey,
                error => {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    refused(format!("{error} {}", cause.unwrap_or_default()))
                }
            })?;
        let issuer = claims.issuer().as_str();
        let tenant = claims.additional_claims().tid.as_deref();
        if !self.issuer.admits(issuer, tenant) {
            return Err(refused(format!(
                "its issuer is “{issuer}”, tenant {tenant:?}"
            )));
        }
        if let Some(key_issuer) = self.key_issuer(token, &verifier)
            && !IssuerRule::admits_key(key_issuer, issuer, tenant)
        {
            return Err(refused(format!("its key is one of “{key_issuer}”")));
        }
        let email = claims.email().map(|email| email.as_str());
        let login = claims.preferred_username().map(|login| login.as_str());
        let identity = Identity::new(
            self.client.provider,
            (issuer, claims.subject().as_str()),
            email.or(login),
        );
        let own_domain = claims.additional_claims().xms_edov.as_ref();
        let is_verified = claims.email_verified() == Some(true)
            || self.client.provider == Provider::Microsoft && own_domain.is_some_and(is_true);
        Ok(Proven {
            identity: identity.ok_or_else(|| refused("its subject cannot be kept".to_owned()))?,
            verified_email: email
                .filter(|_| is_verified)
                .and_then(|email| email.parse().ok()),
            name: claims
                .name()
                .and_then(|names| names.get(None))
                .map(|name| name.as_str().to_owned()),
            authenticated_at: claims.auth_time(),
        })
    }

    fn key_issuer(&self, token: &Token, verifier: &CoreIdTokenVerifier<'_>) -> Option<&str> {
        let id = token.signing_key(verifier).ok()?.key_id()?.to_string();
        self.keys.issuers.get(&id).map(String::as_str)
    }
}
