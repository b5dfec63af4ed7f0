//! What a request asks, and what became of it: what a row of the log is made of.

use std::net::IpAddr;
use std::time::Duration;

use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;
use crate::domain::endpoint::Surface;
use crate::domain::path;
use crate::domain::request_id::RequestId;
use crate::verify::Ask;

/// What a request without a body of its own is charged.
pub const CREDITS_DEFAULT: u32 = 1;

/// The facts of a request that its row keeps.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub request_id: RequestId,
    pub surface: Surface,
    pub method: Option<Method>,
    /// Without its query; empty when not told.
    pub path: &'a str,
    pub agent: &'a str,
    pub ip: Option<IpAddr>,
    /// When it came, by the monotonic clock.
    pub started: Duration,
    /// What it costs if it is allowed.
    pub credits: u32,
}

impl<'a> Asked<'a> {
    /// What it wants of the API: nothing where it is for Latchkey itself, or where no path is told.
    pub fn ask(&self) -> Ask<'a> {
        let told = self.surface != Surface::OwnKey && !self.path.is_empty();
        let route = self
            .method
            .filter(|_| told)
            .map(|method| (method, self.path));
        Ask {
            route,
            ..Ask::default()
        }
    }

    pub fn fault(&self) -> Option<DenyReason> {
        let ambiguous = !self.path.is_empty() && path::is_ambiguous(self.path);
        ambiguous.then_some(DenyReason::AmbiguousPath)
    }
}

/// What became of a request when its decision is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// With what was missing, by name.
    Denied(DenyReason, Option<&'a str>),
    /// Allowed, and what it leads to is not known yet, or not to us.
    Allowed,
    /// Allowed, and answered by us with this status.
    Answered(u16),
}
