//! Sign-in with Google and Microsoft.

use secrecy::SecretString;
use url::Host;
use url::Url;

use crate::config::Source;
use crate::domain::identity::ISSUER_LENGTH_MAX;
use crate::domain::identity::Provider;

/// This installation as a provider knows it.
#[derive(Debug, Clone)]
pub struct OidcClient {
    pub provider: Provider,
    /// `LATCHKEY_OIDC_…_CLIENT_ID`
    pub id: String,
    /// `LATCHKEY_OIDC_…_CLIENT_SECRET`
    pub secret: SecretString,
    /// `LATCHKEY_OIDC_…_ISSUER`: letter by letter as the provider's tokens name it, or for
    /// Microsoft with `common` or `organizations` in place of the tenant.
    pub issuer: String,
}

#[derive(Debug, Clone, Default)]
pub struct OidcConfig {
    /// Those that are set up, in the order of their buttons.
    pub clients: Vec<OidcClient>,
}

/// Id, secret, issuer.
type Names = [&'static str; 3];

const GOOGLE: Names = [
    "LATCHKEY_OIDC_GOOGLE_CLIENT_ID",
    "LATCHKEY_OIDC_GOOGLE_CLIENT_SECRET",
    "LATCHKEY_OIDC_GOOGLE_ISSUER",
];
const MICROSOFT: Names = [
    "LATCHKEY_OIDC_MICROSOFT_CLIENT_ID",
    "LATCHKEY_OIDC_MICROSOFT_CLIENT_SECRET",
    "LATCHKEY_OIDC_MICROSOFT_ISSUER",
];
const GOOGLE_ISSUER: &str = "https://accounts.google.com";
/// Whatever tenant a person belongs to, and people with an account of their own.
const MICROSOFT_ISSUER: &str = "https://login.microsoftonline.com/common/v2.0";

impl OidcConfig {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        let google = client(source, Provider::Google, GOOGLE, GOOGLE_ISSUER);
        let microsoft = client(source, Provider::Microsoft, MICROSOFT, MICROSOFT_ISSUER);
        Self {
            clients: google.into_iter().chain(microsoft).collect(),
        }
    }
}

fn client(
    source: &mut Source<'_>,
    provider: Provider,
    [id_name, secret_name, issuer_name]: Names,
    well_known: &str,
) -> Option<OidcClient> {
    let issuer = source.text(issuer_name);
    let fault = issuer.as_deref().and_then(issuer_fault);
    if let Some(fault) = fault {
        source.fault(format!("{issuer_name}: {fault}"));
    }
    let (id, secret) = (source.text(id_name), source.secret(secret_name));
    let (id, secret) = match (id, secret) {
        (Some(id), Some(secret)) => (id, secret),
        (None, None) if issuer.is_none() => return None,
        (id, secret) => {
            let name = provider.name();
            for (name_of, missing) in [(id_name, id.is_none()), (secret_name, secret.is_none())] {
                if missing {
                    source.fault(format!(
                        "{name_of}: must be set, because sign-in with {name} is set up in part"
                    ));
                }
            }
            return None;
        }
    };
    Some(OidcClient {
        provider,
        id,
        secret,
        issuer: issuer.unwrap_or_else(|| well_known.to_owned()),
    })
}

fn issuer_fault(issuer: &str) -> Option<String> {
    let Ok(url) = issuer.parse::<Url>() else {
        return Some(format!("“{issuer}” is no address"));
    };
    if !is_trustworthy(&url) {
        return Some(format!(
            "“{issuer}” must be https://HOST; http is for this machine's own addresses only"
        ));
    }
    let is_plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !is_plain || issuer.len() > ISSUER_LENGTH_MAX {
        return Some(format!(
            "“{issuer}” must have no user, query or fragment, and at most {ISSUER_LENGTH_MAX} letters"
        ));
    }
    None
}

/// Whether what is sent there can be read and changed by nobody on the way.
pub fn is_trustworthy(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(host)) => is_loopback(&host),
        _ => false,
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
        Host::Domain(name) => *name == "localhost",
    }
}
