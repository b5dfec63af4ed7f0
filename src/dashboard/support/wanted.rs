//! What somebody pasted, and what it may be.

use std::net::IpAddr;

use crate::dashboard::keys::search;
use crate::db::support_search::Wanted;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::request_id::RequestId;
use crate::domain::text;

/// Of fewer letters half of all names consist.
const TEXT_LENGTH_MIN: usize = 2;

/// What kind of thing it is, as the audit row has it, and all that is to be looked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Understood {
    pub kind: &'static str,
    pub wanted: Vec<Wanted>,
}

/// `None` for nothing, or too little, typed. It holds no secret any more.
pub fn understand(prefix: &KeyPrefix, typed: &str) -> Option<Understood> {
    let typed = search::cleaned(typed);
    let understood = |kind, wanted| Some(Understood { kind, wanted });
    if typed.chars().count() < TEXT_LENGTH_MIN {
        return None;
    }
    if let Some(id) = RequestId::parse(&typed) {
        return understood("request", vec![Wanted::Request(id)]);
    }
    if let Some(ip) = address(&typed) {
        return understood("address", vec![Wanted::Address(ip)]);
    }
    if typed.contains('@') {
        let folded = text::folded(&typed);
        return understood("e-mail", vec![Wanted::Email(folded)]);
    }
    let texts = [
        Wanted::Account(typed.clone()),
        Wanted::Workspace(typed.clone()),
    ];
    let key = search::parse(prefix, &typed).and_then(|key| key.id);
    match key {
        // Whatever has the brand of a key is one; twelve letters alone may be a name too.
        Some(id) if typed.starts_with(prefix.as_str()) && typed.contains('_') => {
            understood("key", vec![Wanted::Key(id)])
        }
        Some(id) => {
            let wanted = std::iter::once(Wanted::Key(id)).chain(texts);
            understood("key or name", wanted.collect())
        }
        None => understood("name", texts.into()),
    }
}

/// With the brackets and the port that logs write around it.
fn address(typed: &str) -> Option<IpAddr> {
    let bare = typed.trim_start_matches('[').trim_end_matches(']');
    let with_port = || typed.parse::<std::net::SocketAddr>().ok();
    bare.parse().ok().or_else(|| Some(with_port()?.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(typed: &str) -> &'static str {
        understand(&KeyPrefix::default(), typed).map_or("", |understood| understood.kind)
    }

    #[test]
    fn whatever_is_pasted_is_told_apart_by_its_form() {
        for (typed, wanted) in [
            ("", ""),
            ("a", ""),
            (" req_0000000000000000 ", "request"),
            ("203.0.113.9", "address"),
            ("203.0.113.9:443", "address"),
            ("[2001:db8::7]:443", "address"),
            ("2001:db8::7", "address"),
            ("Ada@Acme.example", "e-mail"),
            ("lk_4fZk0QpL9aBc_••••c91d", "key"),
            ("lk_4fZk0QpL9aBc", "key"),
            ("4fZk0QpL9aBc", "key or name"),
            ("acme", "name"),
            ("Acme Ltd", "name"),
        ] {
            assert_eq!(kind(typed), wanted, "{typed}");
        }
    }
}
