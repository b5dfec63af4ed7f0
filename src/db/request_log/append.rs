//! Rows into the log, by COPY.
//!
//! They are written as COPY takes them (its binary form) when they are made, beside other work of the
//! database; while it stores them there is nothing to do but to send bytes.

use std::io::Write;
use std::net::IpAddr;

use chrono::DateTime;
use chrono::Utc;
use diesel::pg::CopyFormat;
use diesel::prelude::*;
use diesel::result::Error;

use crate::db::DbError;
use crate::db::log_schema::request_log;
use crate::domain::api_key::ApiKeyId;
use crate::domain::request_id::RequestId;

/// Sent at once: a message for every row would cost the server more.
const MESSAGE_BYTES: usize = 64 * 1024;

const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";
const COLUMNS: i16 = 16;
const NULL: i32 = -1;
const END: i16 = -1;
/// 2000-01-01, from which `PostgreSQL` counts.
const EPOCH_MICROS: i64 = 946_684_800_000_000;
/// As `inet` tells the families.
const IPV4: u8 = 2;
const IPV6: u8 = 3;

/// A row as it is stored. Its texts are `log_texts`.
#[derive(Debug, Clone)]
pub struct NewLogRow {
    pub at: DateTime<Utc>,
    pub account_id: i32,
    pub workspace_id: i32,
    pub path_id: i32,
    pub agent_id: i32,
    pub name_id: i32,
    pub credits: i32,
    pub duration_us: Option<i32>,
    pub status: Option<i16>,
    /// `DenyReason::number`; 0 is allowed.
    pub code: i16,
    /// `Method::number`; 0 is not told.
    pub method: i16,
    pub surface: i16,
    pub generation: i16,
    pub key_id: ApiKeyId,
    pub request_id: RequestId,
    pub ip: Option<IpAddr>,
}

/// Rows that are ready to be sent.
#[derive(Debug, Default)]
pub struct NewLogRows(Vec<u8>);

impl NewLogRows {
    pub fn push(&mut self, row: &NewLogRow) {
        self.0.extend_from_slice(&COLUMNS.to_be_bytes());
        self.field(&(row.at.timestamp_micros() - EPOCH_MICROS).to_be_bytes());
        self.field(&row.account_id.to_be_bytes());
        self.field(&row.workspace_id.to_be_bytes());
        self.field(&row.path_id.to_be_bytes());
        self.field(&row.agent_id.to_be_bytes());
        self.field(&row.name_id.to_be_bytes());
        self.field(&row.credits.to_be_bytes());
        self.optional(row.duration_us.map(i32::to_be_bytes));
        self.optional(row.status.map(i16::to_be_bytes));
        self.field(&row.code.to_be_bytes());
        self.field(&row.method.to_be_bytes());
        self.field(&row.surface.to_be_bytes());
        self.field(&row.generation.to_be_bytes());
        self.field(row.key_id.as_bytes());
        self.field(row.request_id.as_bytes());
        match row.ip {
            Some(IpAddr::V4(ip)) => self.address(IPV4, &ip.octets()),
            Some(IpAddr::V6(ip)) => self.address(IPV6, &ip.octets()),
            None => self.0.extend_from_slice(&NULL.to_be_bytes()),
        }
    }

    fn field(&mut self, bytes: &[u8]) {
        let length = i32::try_from(bytes.len()).unwrap_or(NULL);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    /// One address: all its bits count, and it is no network.
    fn address(&mut self, family: u8, octets: &[u8]) {
        let length = u8::try_from(octets.len()).unwrap_or_default();
        self.0
            .extend_from_slice(&(i32::from(length) + 4).to_be_bytes());
        self.0.extend_from_slice(&[family, length * 8, 0, length]);
        self.0.extend_from_slice(octets);
    }

    fn optional(&mut self, bytes: Option<impl AsRef<[u8]>>) {
        match bytes {
            Some(bytes) => self.field(bytes.as_ref()),
            None => self.0.extend_from_slice(&NULL.to_be_bytes()),
        }
    }
}

/// The partitions of the rows' days must be there: see `partitions::ensure`.
pub fn append(conn: &mut PgConnection, rows: &NewLogRows) -> Result<(), DbError> {
    if rows.0.is_empty() {
        return Ok(());
    }
    diesel::copy_from(request_log::table)
        .from_raw_data(request_log::table, |copy| send(&rows.0, copy))
        .with_format(CopyFormat::Binary)
        .execute(conn)?;
    Ok(())
}

fn send(rows: &[u8], copy: &mut dyn Write) -> Result<(), Error> {
    let mut send = |bytes: &[u8]| {
        copy.write_all(bytes)
            .map_err(|error| Error::SerializationError(Box::new(error)))
    };
    // No flags, and no more of a header.
    send(SIGNATURE)?;
    send(&[0; 8])?;
    for message in rows.chunks(MESSAGE_BYTES) {
        send(message)?;
    }
    send(&END.to_be_bytes())
}
