//! The call that somebody wonders about, as the form and the address have it.

use std::net::IpAddr;

use crate::crypto::key_secret;
use crate::dashboard::form::FormErrors;
use crate::dashboard::posted::Fields;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;
use crate::domain::judgement::Ask;
use crate::domain::judgement::Origin;
use crate::domain::judgement::Sent;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::path;
use crate::domain::path::PATH_BYTES_MAX;
use crate::domain::text;
use crate::domain::text::TextFault;

const ORIGIN_LENGTH_MAX: usize = 255;
const RESOURCE_LENGTH_MAX: usize = 200;

const NAMES: [&str; 5] = ["method", "path", "ip", "origin", "resource"];

/// What stands in the form.
#[derive(Debug, Clone, Default)]
pub struct AskedFields {
    pub method: String,
    pub path: String,
    pub ip: String,
    pub origin: String,
    pub resource: String,
}

/// A call that can be judged.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: Method,
    /// Without its query.
    pub path: String,
    pub ip: Option<IpAddr>,
    /// Empty is no such header.
    pub origin: String,
    /// Empty is none named.
    pub resource: String,
}

impl AskedFields {
    pub fn of(fields: &Fields) -> Self {
        let sent = |name: &str| fields.get(name).to_owned();
        Self {
            method: sent("method"),
            path: sent("path"),
            ip: sent("ip"),
            origin: sent("origin"),
            resource: sent("resource"),
        }
    }

    pub fn methods(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let names = Method::ALL.into_iter().map(Method::as_str);
        names.map(|name| (name, name == self.method))
    }

    /// Whether the less common fields are worth showing at once.
    pub fn shows_more(&self, errors: &FormErrors) -> bool {
        let filled = [&self.ip, &self.origin, &self.resource];
        let faulty = ["ip", "origin", "resource"];
        filled.iter().any(|field| !field.is_empty())
            || faulty.iter().any(|field| !errors.of(field).is_empty())
    }
}

/// Whether a field holds the secret of a key, which no address may.
pub fn holds_secret(fields: &Fields, prefix: &KeyPrefix) -> bool {
    let mut texts = NAMES.iter().flat_map(|name| fields.all(name));
    texts.any(|text| key_secret::secret_within(prefix, text).is_some())
}

/// `None` where nothing is asked yet.
pub fn parse(fields: &Fields) -> Result<Option<Asked>, FormErrors> {
    if fields.all("path").next().is_none() {
        return Ok(None);
    }
    let mut errors = FormErrors::default();
    let method = fields.parse_with("method", &mut errors, |name| match name {
        "" => Ok(Method::Get),
        name => Method::parse(name).ok_or("Choose a method."),
    });
    let path = fields.parse_with("path", &mut errors, path_of);
    let ip = fields.parse_with("ip", &mut errors, |ip| match ip.trim() {
        "" => Ok(None),
        ip => ip
            .parse()
            .map(Some)
            .map_err(|_| "Enter one address, like 203.0.113.9 or 2001:db8::7."),
    });
    let origin = optional(fields, "origin", ORIGIN_LENGTH_MAX, &mut errors);
    let resource = optional(fields, "resource", RESOURCE_LENGTH_MAX, &mut errors);
    let asked = || {
        Some(Asked {
            method: method?,
            path: path?,
            ip: ip?,
            origin: origin?,
            resource: resource?,
        })
    };
    match asked() {
        Some(asked) if errors.is_empty() => Ok(Some(asked)),
        _ => Err(errors),
    }
}

/// Of a whole URL its path; the query says nothing about what is called.
fn path_of(typed: &str) -> Result<String, String> {
    let typed = text::line(typed, PATH_BYTES_MAX).map_err(|fault| match fault {
        TextFault::Empty => "Enter the path that is called, like /v1/documents.".to_owned(),
        fault => fault.to_string(),
    })?;
    let within_host = typed
        .split_once("://")
        .filter(|(scheme, _)| matches!(*scheme, "http" | "https"))
        .map(|(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    let path = within_host.unwrap_or(&typed);
    let end = path.find(['?', '#']).unwrap_or(path.len());
    let path = &path[..end];
    Ok(if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    })
}

fn optional(
    fields: &Fields,
    name: &'static str,
    max: usize,
    errors: &mut FormErrors,
) -> Option<String> {
    fields.parse_with(name, errors, |typed| match text::line(typed, max) {
        Err(TextFault::Empty) => Ok(String::new()),
        line => line,
    })
}

impl Asked {
    pub fn ask(&self) -> Ask<'_> {
        Ask {
            permission: None,
            route: Some((self.method, &self.path)),
            resource: Some(self.resource.as_str()).filter(|named| !named.is_empty()),
        }
    }

    /// A request with the key in a header that the account takes, and no `customer-id`.
    pub fn sent(&self) -> Sent<'_> {
        Sent {
            credential: None,
            customer_id: None,
            fault: path::is_ambiguous(&self.path).then_some(DenyReason::AmbiguousPath),
            ip: self.ip,
            origin: match self.origin.as_str() {
                "" => Origin::Absent,
                origin => Origin::Is(origin),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_from_what_people_paste() {
        for (typed, path) in [
            ("/v1/corpora/7", "/v1/corpora/7"),
            (" v1/corpora/7?limit=2 ", "/v1/corpora/7"),
            ("https://api.example.com/v1/corpora/7#top", "/v1/corpora/7"),
            ("http://127.0.0.1:8082", "/"),
            ("/a//b", "/a//b"),
            ("/x?to=https://b.example/y", "/x"),
        ] {
            assert_eq!(path_of(typed).as_deref(), Ok(path), "{typed}");
        }
        assert!(path_of("  ").is_err());
        assert!(path_of(&"x".repeat(3_000)).is_err());
    }
}
