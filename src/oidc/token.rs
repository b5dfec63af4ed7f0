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

use crate::config::OidcClient;
use crate::domain::identity::Identity;
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

impl Judge<'_> {
    /// Whom the token identifies.
    pub fn identity(&self, token: &Token) -> Result<Identity, Disbelief> {
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
        let name = claims.preferred_username().map(|name| name.as_str());
        Identity::new(
            self.client.provider,
            (issuer, claims.subject().as_str()),
            email.or(name),
        )
        .ok_or_else(|| refused("its subject cannot be kept".to_owned()))
    }

    fn key_issuer(&self, token: &Token, verifier: &CoreIdTokenVerifier<'_>) -> Option<&str> {
        let id = token.signing_key(verifier).ok()?.key_id()?.to_string();
        self.keys.issuers.get(&id).map(String::as_str)
    }
}
