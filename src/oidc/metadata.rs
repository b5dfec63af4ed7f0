//! What a provider publishes of itself, as far as it is needed here.

use serde::Deserialize;
use url::Url;

use crate::config::OidcClient;
use crate::config::oidc::is_trustworthy;
use crate::oidc::Fault;
use crate::oidc::issuer::IssuerRule;

const WELL_KNOWN: &str = ".well-known/openid-configuration";

/// OpenID Connect Discovery, section 3, and RFC 9207, section 3.
#[derive(Debug, Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

#[derive(Debug)]
pub struct Metadata {
    pub issuer: IssuerRule,
    /// Where the browser is sent.
    pub authorize: Url,
    pub token: Url,
    pub keys: Url,
    /// The client's secret goes into the body, because the provider takes it in no header.
    pub secret_in_body: bool,
    /// Every answer says whose it is; one that does not is not the provider's.
    pub names_itself: bool,
}

pub fn address(issuer: &str) -> String {
    format!("{}/{WELL_KNOWN}", issuer.trim_end_matches('/'))
}

impl Metadata {
    pub fn parse(client: &OidcClient, body: &[u8]) -> Result<Self, Fault> {
        let document: Document = serde_json::from_slice(body)
            .map_err(|error| Fault::Unavailable(format!("its metadata: {error}")))?;
        let refused = |what: String| Fault::Unavailable(format!("its metadata {what}"));
        let issuer = IssuerRule::of(client.provider, &client.issuer, &document.issuer)
            .ok_or_else(|| refused(format!("is of another issuer: “{}”", document.issuer)))?;
        for url in [
            &document.authorization_endpoint,
            &document.token_endpoint,
            &document.jwks_uri,
        ] {
            // What is reached over https must not lead to what is not.
            let is_own_machines = client.issuer.starts_with("http:");
            let is_safe = url.scheme() == "https" || (is_own_machines && is_trustworthy(url));
            if !is_safe {
                return Err(refused(format!("names an address without https: {url}")));
            }
        }
        // Pages allow their forms to lead to the issuer and nowhere else.
        let home = client.issuer.parse::<Url>().map(|issuer| issuer.origin());
        if home.ok() != Some(document.authorization_endpoint.origin()) {
            return Err(refused(format!(
                "sends people to another site: {}",
                document.authorization_endpoint
            )));
        }
        let methods = document.token_endpoint_auth_methods_supported;
        Ok(Self {
            issuer,
            authorize: document.authorization_endpoint,
            token: document.token_endpoint,
            keys: document.jwks_uri,
            secret_in_body: methods.is_some_and(|methods| {
                !methods.iter().any(|method| method == "client_secret_basic")
            }),
            names_itself: document.authorization_response_iss_parameter_supported,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::*;
    use crate::domain::identity::Provider;

    fn client(issuer: &str) -> OidcClient {
        OidcClient {
            provider: Provider::Google,
            id: "id".to_owned(),
            secret: "secret".to_owned().into(),
            issuer: issuer.to_owned(),
        }
    }

    fn document() -> Value {
        json!({
            "issuer": "https://id.example",
            "authorization_endpoint": "https://id.example/authorize",
            "token_endpoint": "https://tokens.example/token",
            "jwks_uri": "https://keys.example/keys",
        })
    }

    fn parse(document: &Value) -> Result<Metadata, Fault> {
        Metadata::parse(
            &client("https://id.example"),
            document.to_string().as_bytes(),
        )
    }

    #[test]
    fn metadata_of_the_issuer_is_taken() {
        let metadata = parse(&document()).unwrap();
        assert!(!metadata.secret_in_body && !metadata.names_itself);
        let mut posts = document();
        posts["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]);
        posts["authorization_response_iss_parameter_supported"] = json!(true);
        let metadata = parse(&posts).unwrap();
        assert!(metadata.secret_in_body && metadata.names_itself);
    }

    #[test]
    fn metadata_that_leads_astray_is_refused() {
        for (field, value) in [
            ("issuer", "https://evil.example"),
            ("authorization_endpoint", "https://evil.example/authorize"),
            ("authorization_endpoint", "http://id.example/authorize"),
            ("token_endpoint", "http://tokens.example/token"),
            ("token_endpoint", "http://127.0.0.1/token"),
            ("jwks_uri", "ftp://keys.example/keys"),
            ("jwks_uri", "no address"),
        ] {
            let mut astray = document();
            astray[field] = json!(value);
            assert!(parse(&astray).is_err(), "{field} {value}");
        }
    }

    #[test]
    fn the_metadatas_address_follows_the_issuer() {
        for issuer in ["https://id.example", "https://id.example/"] {
            assert_eq!(
                address(issuer),
                "https://id.example/.well-known/openid-configuration"
            );
        }
    }
}
