//! From where a key may be used.

use std::net::IpAddr;

use ipnet::IpNet;

mod entry;

pub use crate::domain::network::entry::IPS;
pub use crate::domain::network::entry::ORIGINS;
pub use crate::domain::network::entry::parse_ips;
pub use crate::domain::network::entry::parse_origins;

/// Both lists are independent; an empty one is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    pub ips: Box<[IpNet]>,
    /// Origins of web pages as browsers send them: `https://app.example`, lower case.
    pub origins: Box<[Box<str>]>,
}

impl Network {
    pub fn is_open(&self) -> bool {
        self.ips.is_empty() && self.origins.is_empty()
    }

    /// A caller whose address is not known is not within a list.
    pub fn allows_ip(&self, ip: Option<IpAddr>) -> bool {
        self.ips.is_empty()
            || ip.is_some_and(|ip| self.ips.iter().any(|net| net.contains(&ip.to_canonical())))
    }

    pub fn allows_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|known| **known == *origin)
    }
}
