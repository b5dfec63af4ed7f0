//! Whose request it is, when proxies stand between.
//!
//! `X-Forwarded-For` is read from the right, one hop for each proxy we trust, and never further:
//! what stands left of the first address we do not trust was written by that address.

use std::future::Ready;
use std::future::ready;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use actix_web::FromRequest;
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::http::header::X_FORWARDED_FOR;
use ipnet::IpNet;

/// The networks whose `X-Forwarded-For` is believed. Register it with
/// `App::app_data(trusted.clone())`; without it nobody is believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks.into())
    }

    /// Whether what `address` forwards is believed.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client behind `peer`. An entry that is no address ends the walk: the proxy that wrote it
    /// is then the nearest thing to a client that we know.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trusts(client) {
            warn_once(client, headers);
            return client;
        }
        let lines: Vec<_> = headers.get_all(X_FORWARDED_FOR).collect();
        let entries = lines
            .iter()
            .rev()
            .flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        for entry in entries {
            let Some(address) = parse(entry) else { break };
            client = address;
            if !self.trusts(client) {
                break;
            }
        }
        client
    }
}

/// Somebody forgot to name a proxy, or somebody lies: either way it is worth a line, but one only.
fn warn_once(peer: IpAddr, headers: &HeaderMap) {
    static WARNED: AtomicBool = AtomicBool::new(false);
    if headers.contains_key(X_FORWARDED_FOR) && !WARNED.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            %peer,
            "X-Forwarded-For of a peer that is not trusted was ignored; if it is your proxy, name \
             it in LATCHKEY_TRUSTED_PROXIES"
        );
    }
}

fn parse(entry: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(entry).ok()?.trim_matches([' ', '\t']);
    let address: IpAddr = text.parse().ok()?;
    Some(address.to_canonical())
}

/// The address a request is counted, logged and judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl FromRequest for ClientIp {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(of(request)))
    }
}

/// As the extractor `ClientIp`.
pub fn of(request: &HttpRequest) -> ClientIp {
    // A peer without an address is a Unix socket, which is this machine.
    let peer = request
        .peer_addr()
        .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.ip());
    let client = match request.app_data::<TrustedProxies>() {
        Some(trusted) => trusted.client(peer, request.headers()),
        None => peer.to_canonical(),
    };
    ClientIp(client)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn trusted() -> TrustedProxies {
        TrustedProxies::new(vec![
            "10.0.0.0/8".parse().unwrap(),
            "fd00::/8".parse().unwrap(),
        ])
    }

    fn client(peer: &str, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(X_FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        trusted()
            .client(peer.parse().unwrap(), &headers)
            .to_string()
    }

    #[test]
    fn a_peer_that_is_not_trusted_is_the_client_whatever_it_says() {
        assert_eq!(client("192.0.2.1", &["203.0.113.9"]), "192.0.2.1");
    }

    #[test]
    fn the_walk_stops_at_the_first_address_that_is_not_trusted() {
        assert_eq!(
            client("10.0.0.1", &["1.2.3.4, 203.0.113.9, 10.0.0.2"]),
            "203.0.113.9"
        );
    }

    #[test]
    fn several_lines_are_one_list() {
        assert_eq!(
            client("10.0.0.1", &["1.2.3.4", "203.0.113.9", "10.0.0.2"]),
            "203.0.113.9"
        );
    }

    #[test]
    fn what_is_no_address_ends_the_walk() {
        for bad in ["unknown", "203.0.113.9:80", "<script>", "", "1.2.3"] {
            let line = format!("203.0.113.9, {bad}, 10.0.0.2");
            assert_eq!(client("10.0.0.1", &[&line]), "10.0.0.2", "{bad}");
        }
    }

    #[test]
    fn a_mapped_address_is_the_address_it_maps() {
        assert_eq!(
            client("::ffff:10.0.0.1", &["::ffff:203.0.113.9"]),
            "203.0.113.9"
        );
    }

    #[test]
    fn a_list_of_trusted_hops_ends_at_the_left_most() {
        let line = vec!["10.0.0.3"; 1_000].join(",");
        assert_eq!(client("10.0.0.1", &[&line]), "10.0.0.3");
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(bytes in proptest::collection::vec(32_u8..=255, 0..200)) {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                headers.append(X_FORWARDED_FOR, value);
            }
            trusted().client("10.0.0.1".parse().unwrap(), &headers);
        }
    }
}
