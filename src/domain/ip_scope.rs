//! Where an address is counted and blocked: what it does in one place is nothing to another.

use std::fmt;
use std::str::FromStr;

use crate::domain::api_key::ApiKeyId;
use crate::domain::endpoint::Surface;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IpScope {
    Gateway,
    ForwardAuth,
    OwnKey,
    /// The callers of a service, as it tells them: no service can have another's blocked.
    Service(ApiKeyId),
}

const SERVICE: &str = "service:";

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no place where addresses are blocked")]
pub struct NoScope;

impl IpScope {
    /// Of callers that we see ourselves; those of a service are that service's.
    pub fn of(surface: Surface) -> Option<Self> {
        match surface {
            Surface::Gateway => Some(Self::Gateway),
            Surface::ForwardAuth => Some(Self::ForwardAuth),
            Surface::OwnKey => Some(Self::OwnKey),
            Surface::Verify => None,
        }
    }
}

impl fmt::Display for IpScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gateway => f.write_str("gateway"),
            Self::ForwardAuth => f.write_str("forward-auth"),
            Self::OwnKey => f.write_str("own-key"),
            Self::Service(id) => write!(f, "{SERVICE}{id}"),
        }
    }
}

impl FromStr for IpScope {
    type Err = NoScope;

    fn from_str(text: &str) -> Result<Self, NoScope> {
        match text {
            "gateway" => Ok(Self::Gateway),
            "forward-auth" => Ok(Self::ForwardAuth),
            "own-key" => Ok(Self::OwnKey),
            _ => {
                let id = text.strip_prefix(SERVICE).ok_or(NoScope)?;
                id.parse().map(Self::Service).map_err(|_| NoScope)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_as_it_is_written() {
        for text in ["gateway", "forward-auth", "own-key", "service:aaaaaaaaaaaa"] {
            assert_eq!(text.parse::<IpScope>().unwrap().to_string(), text);
        }
        for bad in ["", "service:", "service:x", "Gateway", "verify"] {
            assert_eq!(bad.parse::<IpScope>(), Err(NoScope), "{bad}");
        }
    }
}
