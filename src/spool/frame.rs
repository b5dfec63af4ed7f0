//! How records lie in a segment: length, CRC32 of the record, the record.

use crate::spool::record;
use crate::spool::record::RECORD_BYTES_MAX;
use crate::spool::record::Record;

const PREFIX: usize = 8;

/// A frame is never longer than this.
pub const FRAME_BYTES_MAX: usize = PREFIX + RECORD_BYTES_MAX;

pub fn encode(record: &Record<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&[0; PREFIX]);
    record::encode(record, out);
    let payload = &out[start + PREFIX..];
    let length = u32::try_from(payload.len()).unwrap_or_default();
    let crc = crc32fast::hash(payload);
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    out[start + 4..start + PREFIX].copy_from_slice(&crc.to_le_bytes());
}

/// The payload of the frame that `bytes` start with, if they start with a whole and sound one.
///
/// Nobody can smuggle a frame into a path or a user agent for a damaged segment to reveal: a
/// length has two zero bytes, and no NUL is ever written as text.
pub fn payload(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (crc, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    if length == 0 || length > RECORD_BYTES_MAX {
        return None;
    }
    let payload = rest.get(..length)?;
    (crc32fast::hash(payload) == u32::from_le_bytes(*crc)).then_some(payload)
}

/// How long the frame around `payload` is.
pub fn length_of(payload: &[u8]) -> usize {
    PREFIX + payload.len()
}
