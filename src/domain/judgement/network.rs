//! From where a key may be used: the addresses and the pages that it names.

use std::net::IpAddr;

use crate::domain::decision::DenyReason;
use crate::domain::judgement::Origin;
use crate::domain::judgement::Refusal;
use crate::domain::network::Network;

/// What is said to be missing where the caller, or the service that asks, told no address.
const NO_ADDRESS: &str = "ip";
/// Where the request has no such header, or one that is no origin.
const NO_ORIGIN: &str = "Origin";
/// Longest origin that is repeated to who sent it.
const ORIGIN_BYTES_SHOWN: usize = 255;

pub(super) fn address_refusal(network: &Network, ip: Option<IpAddr>) -> Option<Refusal> {
    if network.allows_ip(ip) {
        return None;
    }
    let address = ip.map(|ip| ip.to_canonical().to_string());
    let address = address.map_or_else(|| NO_ADDRESS.into(), Box::<str>::from);
    Some(Refusal::missing(DenyReason::IpDenied, address))
}

pub(super) fn origin_refusal(network: &Network, origin: Origin<'_>) -> Option<Refusal> {
    if network.origins.is_empty() {
        return None;
    }
    let told = match origin {
        Origin::NotTold => return None,
        Origin::Is(origin) if network.allows_origin(origin) => return None,
        Origin::Is(origin) if is_plain(origin) => origin,
        Origin::Absent | Origin::Is(_) => NO_ORIGIN,
    };
    Some(Refusal::missing(DenyReason::OriginDenied, told))
}

/// Whether it may be repeated wherever a refusal is shown: letters, digits and what stands between
/// them in a URL.
fn is_plain(origin: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || b":/.-_[]".contains(&byte);
    (1..=ORIGIN_BYTES_SHOWN).contains(&origin.len()) && origin.bytes().all(letters)
}
