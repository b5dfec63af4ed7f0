//! The meters at the end of a record: how many, then each. A few bytes for the two that nearly
//! every plan may cap.

use std::borrow::Cow;

use crate::domain::meter::CREDITS;
use crate::domain::meter::METERS_PER_CALL_MAX;
use crate::domain::meter::MeterUse;
use crate::domain::meter::REQUESTS;
use crate::domain::meter::SLUG_LENGTH_MAX;
use crate::spool::record::decode::Fields;

/// In the place of a name's length.
const IS_REQUESTS: u8 = 0xff;
const IS_CREDITS: u8 = 0xfe;

pub fn encode(meters: &[MeterUse<'_>], out: &mut Vec<u8>) {
    let written = meters
        .iter()
        .filter(|one| one.meter.len() <= SLUG_LENGTH_MAX)
        .take(METERS_PER_CALL_MAX);
    out.push(u8::try_from(written.clone().count()).unwrap_or(0));
    for one in written {
        match &*one.meter {
            REQUESTS => out.push(IS_REQUESTS),
            CREDITS => out.push(IS_CREDITS),
            name => {
                out.push(u8::try_from(name.len()).unwrap_or(0));
                out.extend_from_slice(name.as_bytes());
            }
        }
        put_amount(one.used, out);
        put_amount(one.charged, out);
    }
}

pub fn decode(fields: &mut Fields<'_>) -> Option<Vec<MeterUse<'static>>> {
    let count = usize::from(fields.byte()?);
    if count > METERS_PER_CALL_MAX {
        return None;
    }
    (0..count)
        .map(|_| {
            let meter = match fields.byte()? {
                IS_REQUESTS => Cow::Borrowed(REQUESTS),
                IS_CREDITS => Cow::Borrowed(CREDITS),
                length => Cow::Owned(fields.text_of(usize::from(length))?),
            };
            Some(MeterUse {
                meter,
                used: amount(fields)?,
                charged: amount(fields)?,
            })
        })
        .collect()
}

/// Seven bits a byte, the lowest first; the sign is the lowest bit, so that small amounts of both
/// signs are short.
fn put_amount(amount: i64, out: &mut Vec<u8>) {
    let mut left = ((amount << 1) ^ (amount >> 63)).cast_unsigned();
    while left >= 0x80 {
        out.push((left & 0x7f) as u8 | 0x80);
        left >>= 7;
    }
    out.push((left & 0x7f) as u8);
}

fn amount(fields: &mut Fields<'_>) -> Option<i64> {
    let mut bits = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = fields.byte()?;
        bits |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((bits >> 1).cast_signed() ^ -((bits & 1).cast_signed()));
        }
    }
    None
}
