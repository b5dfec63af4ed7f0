//! What the spool remembers of a request, and how it is written: little-endian, by hand, because
//! files outlive the versions that wrote them.

use std::borrow::Cow;
use std::net::IpAddr;

use chrono::DateTime;
use chrono::Utc;

use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;
use crate::domain::endpoint::Surface;
use crate::domain::meter::MeterUse;
use crate::domain::request_id::RequestId;

mod decode;
mod encode;
mod meters;
#[cfg(test)]
mod tests;

pub(super) use decode::decode;
pub(super) use encode::encode;

pub const PATH_BYTES_MAX: usize = 1024;
pub const AGENT_BYTES_MAX: usize = 256;
pub const DETAIL_BYTES_MAX: usize = 200;

/// Longer than any record: the two texts, the meters, and 80 bytes beside them.
pub(super) const RECORD_BYTES_MAX: usize = 2048;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record<'a> {
    Decision(DecisionRecord<'a>),
    Completion(CompletionRecord),
    Gap(GapRecord),
}

/// One decision about a known key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRecord<'a> {
    pub at: DateTime<Utc>,
    pub request_id: RequestId,
    pub account: AccountId,
    pub workspace: WorkspaceId,
    pub key: ApiKeyId,
    /// Which of the key's secrets was sent.
    pub generation: i16,
    pub surface: Surface,
    pub method: Option<Method>,
    /// Empty when not told. A query, if there is one, and what is beyond 1,024 bytes is not written.
    pub path: Cow<'a, str>,
    /// Empty when not told. What is beyond 256 bytes is not written.
    pub agent: Cow<'a, str>,
    pub ip: Option<IpAddr>,
    pub denied: Option<DenyReason>,
    /// What a refusal missed, by name. Empty where there is no name for it. What is beyond 200
    /// bytes is not written.
    pub detail: Cow<'a, str>,
    /// What the caller was answered. `None` while the gateway waits for the upstream.
    pub status: Option<u16>,
    pub duration_us: Option<u32>,
    pub credits: u32,
    /// What was charged, and used of meters. That an allowed call is one of `requests`, and uses
    /// its `credits`, is not repeated here: of those two only `charged` is told. What is beyond 8
    /// meters is not written.
    pub meters: Vec<MeterUse<'a>>,
}

/// What came of an allowed request, known after its decision was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletionRecord {
    /// The time of the decision, by which its row is found.
    pub at: DateTime<Utc>,
    pub request_id: RequestId,
    pub account: AccountId,
    pub workspace: WorkspaceId,
    pub key: ApiKeyId,
    pub status: u16,
    pub duration_us: u32,
    /// Replaces the credits of the decision.
    pub credits: u32,
    /// What is to be added to what earlier records of the request told. Not of `requests` and
    /// `credits`.
    pub meters: Vec<MeterUse<'static>>,
}

/// Decisions that were answered without a record, under `LogFailure::Allow`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GapRecord {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub records: u64,
}

/// First byte of a record: kind in the high half, version of its layout in the low one.
/// Version 2 ends with meters, version 3 with what a refusal missed; a record without them is of
/// version 1. A refusal uses no meters, so none has both.
pub(super) const DECISION: u8 = 0x11;
pub(super) const DECISION_WITH_METERS: u8 = 0x12;
pub(super) const DECISION_WITH_DETAIL: u8 = 0x13;
pub(super) const COMPLETION: u8 = 0x21;
pub(super) const COMPLETION_WITH_METERS: u8 = 0x22;
pub(super) const GAP: u8 = 0x31;
