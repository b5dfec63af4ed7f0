//! From where a key may be used: the addresses and the pages that it names.

use crate::domain::decision::DenyReason;
use crate::verify::Attempt;
use crate::verify::Denial;
use crate::verify::Holder;
use crate::verify::Origin;

/// What is said to be missing where the caller, or the service that asks, told no address.
const NO_ADDRESS: &str = "ip";
/// Where the request has no such header, or one that is no origin.
const NO_ORIGIN: &str = "Origin";
/// Longest origin that is repeated to who sent it.
const ORIGIN_BYTES_SHOWN: usize = 255;

/// Why the holder's key does not work from where `attempt` comes.
pub fn refusal(holder: &Holder, attempt: &Attempt<'_>) -> Option<Denial> {
    let network = holder.key.network.as_deref()?;
    let (reason, missing) = if !network.allows_ip(attempt.ip) {
        let address = attempt.ip.map(|ip| ip.to_canonical().to_string());
        let address = address.map_or_else(|| NO_ADDRESS.into(), Box::from);
        (DenyReason::IpDenied, address)
    } else if network.origins.is_empty() {
        return None;
    } else {
        let origin = match attempt.origin {
            Origin::NotTold => return None,
            Origin::Is(origin) if network.allows_origin(origin) => return None,
            Origin::Is(origin) if is_plain(origin) => origin,
            Origin::Absent | Origin::Is(_) => NO_ORIGIN,
        };
        (DenyReason::OriginDenied, origin.into())
    };
    let mut denial = Denial::new(reason, Some(holder.clone()));
    denial.missing = Some(missing);
    Some(denial)
}

/// Whether it may be repeated wherever a refusal is shown: letters, digits and what stands between
/// them in a URL.
fn is_plain(origin: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || b":/.-_[]".contains(&byte);
    (1..=ORIGIN_BYTES_SHOWN).contains(&origin.len()) && origin.bytes().all(letters)
}
