//! Which headers go on. Names are compared as the next server may read them: many take `_` and `.`
//! for `-`.

use std::borrow::Cow;

use actix_web::http::header as incoming;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;

/// Of one connection only (RFC 9110, 7.6.1), in whichever direction.
const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
];

/// What a client says and the upstream must not hear: its credentials, and what would speak for
/// us or ask for something else than was decided on.
const NOT_FORWARDED: [&str; 12] = [
    "authorization",
    "x-api-key",
    "host",
    "expect",
    "forwarded",
    "x-real-ip",
    "x-request-id",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-url",
    "x-rewrite-url",
];

/// Families of names that are ours to say.
const OURS: [&str; 3] = ["x-latchkey", "x-forwarded", "x-original-"];

/// What an upstream says to us, not to its caller.
const NOT_RETURNED: [&str; 3] = ["latchkey-usage", "x-request-id", "content-length"];

/// A client's headers without all that is not for the upstream.
pub fn forwarded(from: &incoming::HeaderMap) -> HeaderMap {
    let named = named_in(
        from.get_all(incoming::CONNECTION)
            .map(incoming::HeaderValue::as_bytes),
    );
    let mut onward = HeaderMap::with_capacity(from.len() + OUR_HEADERS);
    for (name, value) in from {
        let read_as = normalised(name.as_str());
        if is_hop_by_hop(&read_as, &named)
            || NOT_FORWARDED.contains(&&*read_as)
            || OURS.iter().any(|family| read_as.starts_with(family))
        {
            continue;
        }
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_str().as_bytes()),
            HeaderValue::from_bytes(value.as_bytes()),
        ) {
            onward.append(name, value);
        }
    }
    onward
}

/// How many we add, see `request.rs`.
const OUR_HEADERS: usize = 11;

/// Calls `keep` with each of an upstream's headers that its caller may have, in order.
pub fn for_each_returned(
    from: &HeaderMap,
    mut keep: impl FnMut(incoming::HeaderName, incoming::HeaderValue),
) {
    let lines = from.get_all(http::header::CONNECTION).iter();
    let named = named_in(lines.map(HeaderValue::as_bytes));
    for (name, value) in from {
        let read_as = normalised(name.as_str());
        if is_hop_by_hop(&read_as, &named)
            || NOT_RETURNED.contains(&&*read_as)
            || read_as.starts_with("x-latchkey")
        {
            continue;
        }
        if let (Ok(name), Ok(value)) = (
            incoming::HeaderName::from_bytes(name.as_str().as_bytes()),
            incoming::HeaderValue::from_bytes(value.as_bytes()),
        ) {
            keep(name, value);
        }
    }
}

/// The headers that `Connection` lines name, read as the next server may.
fn named_in<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    lines
        .flat_map(|line| line.split(|byte| *byte == b','))
        .filter_map(|name| str::from_utf8(name.trim_ascii()).ok())
        .filter(|name| !name.is_empty() && !is_plain_option(name))
        .map(|name| normalised(&name.to_ascii_lowercase()).into_owned())
        .collect()
}

/// What nearly every connection says, and what names no header.
fn is_plain_option(name: &str) -> bool {
    name.eq_ignore_ascii_case("keep-alive") || name.eq_ignore_ascii_case("close")
}

fn is_hop_by_hop(name: &str, named: &[String]) -> bool {
    HOP_BY_HOP.contains(&name) || named.iter().any(|other| other == name)
}

/// `name`, which is in lower case already, as a server reads it that knows only hyphens.
fn normalised(name: &str) -> Cow<'_, str> {
    if name.contains(['_', '.']) {
        Cow::Owned(name.replace(['_', '.'], "-"))
    } else {
        Cow::Borrowed(name)
    }
}

#[cfg(test)]
mod tests;
