//! The body of a verify request. Parsed once, borrowed where it can be.
//!
//! A field that is not known is refused: a mistyped `permision` or `customer-id` would otherwise
//! be a check that silently does not happen.

use std::borrow::Cow;
use std::hash::Hash;
use std::hash::Hasher;
use std::net::IpAddr;

use serde::Deserialize;

use crate::domain::endpoint::Method;
use crate::edge::asked::CREDITS_DEFAULT;
use crate::edge::error::EdgeError;
use crate::edge::verify::faults;
use crate::verify::Ask;
use crate::verify::Origin;

/// Longest name that a client may give its request.
pub const REQUEST_ID_BYTES_MAX: usize = 128;
/// One request cannot cost more.
pub const CREDITS_MAX: u32 = 1_000_000;

#[derive(Deserialize, Hash)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize, Hash)]
#[serde(deny_unknown_fields)]
struct Fields<'a> {
    #[serde(borrow)]
    key: Text<'a>,
    #[serde(borrow)]
    method: Option<Text<'a>>,
    #[serde(borrow)]
    path: Option<Text<'a>>,
    ip: Option<IpAddr>,
    #[serde(borrow)]
    origin: Option<Text<'a>>,
    #[serde(borrow)]
    permission: Option<Text<'a>>,
    #[serde(borrow)]
    resource: Option<Text<'a>>,
    #[serde(borrow)]
    customer_id: Option<Text<'a>>,
    credits: Option<u32>,
    #[serde(borrow)]
    request_id: Option<Text<'a>>,
}

pub struct Question<'a> {
    fields: Fields<'a>,
    method: Option<Method>,
    /// Where the query of the path begins, if it has one.
    query_at: Option<usize>,
}

impl<'a> Question<'a> {
    pub fn parse(body: &'a [u8]) -> Result<Self, EdgeError> {
        let fields: Fields<'a> =
            serde_json::from_slice(body).map_err(|error| faults::explain(body, &error))?;
        let method = match &fields.method {
            Some(name) => Some(Method::parse(&name.0).ok_or_else(faults::method)?),
            None => None,
        };
        let path = fields.path.as_ref();
        let query_at = path.and_then(|path| path.0.find('?'));
        let question = Self {
            fields,
            method,
            query_at,
        };
        question.check()?;
        Ok(question)
    }

    fn check(&self) -> Result<(), EdgeError> {
        let fields = &self.fields;
        if fields.method.is_some() && fields.path.is_none() {
            return Err(faults::at("path", "“path” is needed beside “method”"));
        }
        if fields.path.is_some() && fields.method.is_none() {
            return Err(faults::at("method", "“method” is needed beside “path”"));
        }
        if fields
            .path
            .as_ref()
            .is_some_and(|path| !path.0.starts_with('/'))
        {
            return Err(faults::at("path", "“path” must start with “/”"));
        }
        if fields.credits.is_some_and(|credits| credits > CREDITS_MAX) {
            return Err(faults::at("credits", "“credits” must be 0 to 1000000"));
        }
        match &fields.request_id {
            Some(name) if name.0.is_empty() || name.0.len() > REQUEST_ID_BYTES_MAX => Err(
                faults::at("request_id", "“request_id” must have 1 to 128 bytes"),
            ),
            _ => Ok(()),
        }
    }

    pub fn key(&self) -> &str {
        &self.fields.key.0
    }

    pub fn customer_id(&self) -> Option<&str> {
        self.fields.customer_id.as_ref().map(|id| &*id.0)
    }

    pub fn method(&self) -> Option<Method> {
        self.method
    }

    /// Path and query.
    pub fn target(&self) -> Option<(&str, &str)> {
        let path = &*self.fields.path.as_ref()?.0;
        Some(match self.query_at {
            Some(at) => (&path[..at], &path[at + 1..]),
            None => (path, ""),
        })
    }

    /// What the key is to be allowed; nothing asked is nothing checked.
    pub fn ask(&self) -> Ask<'_> {
        let path = self.target().map(|(path, _)| path);
        Ask {
            permission: self.fields.permission.as_ref().map(|text| &*text.0),
            route: self.method.zip(path),
            resource: self.fields.resource.as_ref().map(|text| &*text.0),
        }
    }

    pub fn ip(&self) -> Option<IpAddr> {
        self.fields.ip.map(|ip| ip.to_canonical())
    }

    /// The `Origin` header of the request that is asked about.
    pub fn origin(&self) -> Origin<'_> {
        let origin = self.fields.origin.as_ref();
        origin.map_or(Origin::NotTold, |text| Origin::Is(&text.0))
    }

    pub fn credits(&self) -> u32 {
        self.fields.credits.unwrap_or(CREDITS_DEFAULT)
    }

    /// The client's own name for this request.
    pub fn request_id(&self) -> Option<&str> {
        self.fields.request_id.as_ref().map(|name| &*name.0)
    }
}

/// Two questions with the same hash ask the same.
impl Hash for Question<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.fields.hash(state);
    }
}
