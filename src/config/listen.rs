//! The three listeners and what stands around them.

use std::net::IpAddr;
use std::net::SocketAddr;

use ipnet::IpNet;
use url::Url;

use crate::config::Source;

#[derive(Debug, Clone)]
pub struct ListenConfig {
    /// `LATCHKEY_LISTEN`: the console. Port 0 picks one.
    pub console: SocketAddr,
    /// `LATCHKEY_API_LISTEN`: verify, forward-auth, report, health, metrics.
    pub api: SocketAddr,
    /// `LATCHKEY_GATEWAY_LISTEN`: the gateway; used only with an upstream.
    pub gateway: SocketAddr,
    /// `LATCHKEY_UPSTREAM`: base URL of the API behind the gateway.
    pub upstream: Option<Url>,
    /// `LATCHKEY_PUBLIC_URL`: origin used in links, cookies and CSRF checks. Unset: the listener's.
    pub public_url: Option<Url>,
    /// `LATCHKEY_TRUSTED_PROXIES`: whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `LATCHKEY_FORWARD_AUTH_PEERS`: who may call forward-auth.
    pub forward_auth_peers: Vec<IpNet>,
}

impl ListenConfig {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        Self {
            console: source.or("LATCHKEY_LISTEN", loopback(8080)),
            api: source.or("LATCHKEY_API_LISTEN", loopback(8081)),
            gateway: source.or("LATCHKEY_GATEWAY_LISTEN", loopback(8082)),
            upstream: http_url(source, "LATCHKEY_UPSTREAM"),
            public_url: http_url(source, "LATCHKEY_PUBLIC_URL"),
            trusted_proxies: networks(source, "LATCHKEY_TRUSTED_PROXIES", ""),
            forward_auth_peers: networks(source, "LATCHKEY_FORWARD_AUTH_PEERS", "127.0.0.0/8,::1"),
        }
    }

    /// The first listener that other machines can reach, by the name of its variable.
    pub fn exposed(&self) -> Option<&'static str> {
        let listeners = [
            ("LATCHKEY_LISTEN", self.console),
            ("LATCHKEY_API_LISTEN", self.api),
            ("LATCHKEY_GATEWAY_LISTEN", self.gateway),
        ];
        listeners
            .into_iter()
            .find(|(_, at)| !at.ip().is_loopback())
            .map(|(name, _)| name)
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn http_url(source: &mut Source<'_>, name: &str) -> Option<Url> {
    let url: Url = source.optional(name)?;
    if matches!(url.scheme(), "http" | "https") && url.host().is_some() && url.query().is_none() {
        return Some(url);
    }
    source.fault(format!(
        "{name}: “{url}” must be http://HOST or https://HOST, without a query"
    ));
    None
}

/// Networks in CIDR form; a single address counts as one.
fn networks(source: &mut Source<'_>, name: &str, default: &str) -> Vec<IpNet> {
    source
        .list::<Network>(name, default)
        .into_iter()
        .map(|network| network.0)
        .collect()
}

struct Network(IpNet);

impl std::str::FromStr for Network {
    type Err = ipnet::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<IpAddr>()
            .map(|ip| Self(ip.into()))
            .or_else(|_| text.parse().map(Self))
    }
}
