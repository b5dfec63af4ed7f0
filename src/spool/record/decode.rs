//! A record from its bytes.

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
use crate::domain::request_id::RequestId;
use crate::spool::record::COMPLETION;
use crate::spool::record::COMPLETION_WITH_METERS;
use crate::spool::record::CompletionRecord;
use crate::spool::record::DECISION;
use crate::spool::record::DECISION_WITH_DETAIL;
use crate::spool::record::DECISION_WITH_METERS;
use crate::spool::record::DecisionRecord;
use crate::spool::record::GAP;
use crate::spool::record::GapRecord;
use crate::spool::record::Record;
use crate::spool::record::meters;

/// `None` for bytes that this version does not know.
pub fn decode(bytes: &[u8]) -> Option<Record<'static>> {
    let mut fields = Fields(bytes);
    let record = match fields.byte()? {
        DECISION => Record::Decision(decode_decision(&mut fields)?),
        DECISION_WITH_METERS => {
            let mut decision = decode_decision(&mut fields)?;
            decision.meters = meters::decode(&mut fields)?;
            Record::Decision(decision)
        }
        DECISION_WITH_DETAIL => {
            let mut decision = decode_decision(&mut fields)?;
            decision.detail = Cow::Owned(fields.text()?);
            Record::Decision(decision)
        }
        COMPLETION => Record::Completion(decode_completion(&mut fields)?),
        COMPLETION_WITH_METERS => {
            let mut completion = decode_completion(&mut fields)?;
            completion.meters = meters::decode(&mut fields)?;
            Record::Completion(completion)
        }
        GAP => Record::Gap(GapRecord {
            from: fields.time()?,
            to: fields.time()?,
            records: u64::from_le_bytes(fields.array()?),
        }),
        _ => return None,
    };
    fields.0.is_empty().then_some(record)
}

fn decode_decision(fields: &mut Fields<'_>) -> Option<DecisionRecord<'static>> {
    Some(DecisionRecord {
        at: fields.time()?,
        request_id: fields.request_id()?,
        account: AccountId(i32::from_le_bytes(fields.array()?)),
        workspace: WorkspaceId(i32::from_le_bytes(fields.array()?)),
        key: fields.key()?,
        generation: i16::from_le_bytes(fields.array()?),
        surface: Surface::from_number(fields.byte()?)?,
        method: optional(fields.byte()?, Method::from_number)?,
        denied: optional(fields.byte()?, DenyReason::from_number)?,
        status: Some(u16::from_le_bytes(fields.array()?)).filter(|status| *status != 0),
        duration_us: Some(u32::from_le_bytes(fields.array()?)).filter(|us| *us != u32::MAX),
        credits: u32::from_le_bytes(fields.array()?),
        ip: fields.address()?,
        path: Cow::Owned(fields.text()?),
        agent: Cow::Owned(fields.text()?),
        detail: Cow::Borrowed(""),
        meters: Vec::new(),
    })
}

fn decode_completion(fields: &mut Fields<'_>) -> Option<CompletionRecord> {
    Some(CompletionRecord {
        at: fields.time()?,
        request_id: fields.request_id()?,
        account: AccountId(i32::from_le_bytes(fields.array()?)),
        workspace: WorkspaceId(i32::from_le_bytes(fields.array()?)),
        key: fields.key()?,
        status: u16::from_le_bytes(fields.array()?),
        duration_us: u32::from_le_bytes(fields.array()?),
        credits: u32::from_le_bytes(fields.array()?),
        meters: Vec::new(),
    })
}

/// 0 is "none"; another number must be known.
#[expect(
    clippy::option_option,
    reason = "the outer one is the reader's: unknown bytes"
)]
fn optional<T>(number: u8, known: fn(u8) -> Option<T>) -> Option<Option<T>> {
    if number == 0 {
        Some(None)
    } else {
        known(number).map(Some)
    }
}

/// What is left of a record's bytes.
pub(super) struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn time(&mut self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(i64::from_le_bytes(self.array()?))
    }

    fn request_id(&mut self) -> Option<RequestId> {
        RequestId::parse(str::from_utf8(&self.array::<20>()?).ok()?)
    }

    fn key(&mut self) -> Option<ApiKeyId> {
        let letters = self.array::<{ ApiKeyId::LENGTH }>()?;
        str::from_utf8(&letters).ok()?.parse().ok()
    }

    #[expect(
        clippy::option_option,
        reason = "the outer one is the reader's: unknown bytes"
    )]
    fn address(&mut self) -> Option<Option<IpAddr>> {
        match self.byte()? {
            0 => Some(None),
            4 => Some(Some(IpAddr::from(self.array::<4>()?))),
            6 => Some(Some(IpAddr::from(self.array::<16>()?))),
            _ => None,
        }
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::from(u16::from_le_bytes(self.array()?));
        self.text_of(length)
    }

    pub(super) fn text_of(&mut self, length: usize) -> Option<String> {
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        str::from_utf8(text).ok().map(str::to_owned)
    }
}
