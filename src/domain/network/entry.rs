//! Allowed addresses and origins, as people type them.

use std::net::IpAddr;

use ipnet::IpNet;
use ipnet::Ipv4Net;
use url::Url;

use crate::domain::entries::Entries;
use crate::domain::entries::EntriesFault;
use crate::domain::entries::quoted;

/// Every request with the key is compared with each.
pub const IPS: Entries = Entries {
    max: 50,
    what: "addresses",
};
pub const ORIGINS: Entries = Entries {
    max: 50,
    what: "origins",
};

/// A host on this machine may be without encryption, for whoever builds a page there.
const LOCAL_HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Addresses and networks in CIDR form, v4 and v6. One address becomes a network of itself.
pub fn parse_ips(input: &str) -> Result<Box<[IpNet]>, EntriesFault> {
    IPS.parse(input, ip).map(Vec::into_boxed_slice)
}

/// Origins as browsers send them.
pub fn parse_origins(input: &str) -> Result<Box<[Box<str>]>, EntriesFault> {
    ORIGINS.parse(input, origin).map(Vec::into_boxed_slice)
}

fn ip(entry: &str) -> Result<IpNet, String> {
    if let Ok(ip) = entry.parse::<IpAddr>() {
        return Ok(IpNet::from(ip.to_canonical()));
    }
    let net: IpNet = entry.parse().map_err(|_| {
        format!(
            "{} is no address. Enter one like 203.0.113.9, 203.0.113.0/24 or 2001:db8::/32.",
            quoted(entry)
        )
    })?;
    // Guessing which of the two was meant would open or shut more than somebody thought.
    if net.addr() != net.network() {
        return Err(format!(
            "{net} is an address inside a network. Enter {} for the network, or {} for the one \
             address.",
            net.trunc(),
            net.addr()
        ));
    }
    Ok(canonical(net))
}

/// Callers are compared by their IPv4 address, however a proxy writes it.
fn canonical(net: IpNet) -> IpNet {
    let IpNet::V6(v6) = net else { return net };
    let v4 = v6.addr().to_ipv4_mapped();
    let length = v6.prefix_len().checked_sub(96);
    let v4 = v4
        .zip(length)
        .and_then(|(v4, length)| Ipv4Net::new(v4, length).ok());
    v4.map_or(net, IpNet::V4)
}

fn origin(entry: &str) -> Result<Box<str>, String> {
    let shown = quoted(entry);
    if entry.contains('*') {
        return Err(format!(
            "{shown} has a *. Enter each origin in full, like https://app.example.com."
        ));
    }
    let unlike = || {
        format!(
            "{shown} is no origin. Enter one like https://app.example.com or http://localhost:3000."
        )
    };
    if !entry.contains("://") || entry.contains(char::is_whitespace) {
        return Err(unlike());
    }
    let url = Url::parse(entry).map_err(|_| unlike())?;
    let host = url.host_str().ok_or_else(unlike)?;
    let origin = url.origin().ascii_serialization();
    match url.scheme() {
        "https" => {}
        "http" if LOCAL_HOSTS.contains(&host) => {}
        "http" => {
            return Err(format!(
                "{shown} is not encrypted. Use https; http is for localhost and 127.0.0.1 only."
            ));
        }
        _ => return Err(unlike()),
    }
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !bare || !url.username().is_empty() || url.password().is_some() {
        return Err(format!(
            "{shown} is more than an origin. Browsers send {origin} for it: enter that."
        ));
    }
    Ok(origin.into())
}

#[cfg(test)]
mod tests;
