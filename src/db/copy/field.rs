//! Values as PostgreSQL sends them in its binary format: numbers with their highest byte first.

use diesel::data_types::PgTimestamp;
use uuid::Uuid;

use crate::db::copy::Garbled;

/// Read from a field, which is `None` where it is null. `None` for what is no such value.
pub trait Field<'a>: Sized {
    fn read(field: Option<&'a [u8]>) -> Option<Self>;
}

impl<'a, T: Field<'a>> Field<'a> for Option<T> {
    fn read(field: Option<&'a [u8]>) -> Option<Self> {
        match field {
            None => Some(None),
            some => T::read(some).map(Some),
        }
    }
}

impl<'a> Field<'a> for &'a [u8] {
    fn read(field: Option<&'a [u8]>) -> Option<Self> {
        field
    }
}

impl<'a> Field<'a> for &'a str {
    fn read(field: Option<&'a [u8]>) -> Option<Self> {
        str::from_utf8(field?).ok()
    }
}

impl Field<'_> for bool {
    fn read(field: Option<&[u8]>) -> Option<Self> {
        match field? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }
}

impl Field<'_> for i16 {
    fn read(field: Option<&[u8]>) -> Option<Self> {
        field?.try_into().ok().map(Self::from_be_bytes)
    }
}

impl Field<'_> for i32 {
    fn read(field: Option<&[u8]>) -> Option<Self> {
        field?.try_into().ok().map(Self::from_be_bytes)
    }
}

impl Field<'_> for i64 {
    fn read(field: Option<&[u8]>) -> Option<Self> {
        field?.try_into().ok().map(Self::from_be_bytes)
    }
}

impl Field<'_> for PgTimestamp {
    fn read(field: Option<&[u8]>) -> Option<Self> {
        i64::read(field).map(Self)
    }
}

impl Field<'_> for Uuid {
    fn read(field: Option<&[u8]>) -> Option<Self> {
        field?.try_into().ok().map(Self::from_bytes)
    }
}

/// A `text[]`, wherever it lies.
#[derive(Debug, Clone, Copy)]
pub enum Texts<'a> {
    Read(&'a [Option<String>]),
    /// The elements of an array in a copy, each with its length before it.
    Sent(&'a [u8]),
}

impl<'a> Texts<'a> {
    /// Those that are not null.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        let (read, mut sent) = match self {
            Self::Read(texts) => (texts, &[][..]),
            Self::Sent(elements) => (&[][..], elements),
        };
        let sent = std::iter::from_fn(move || bytes(&mut sent).ok()).flatten();
        let sent = sent.filter_map(|text| str::from_utf8(text).ok());
        read.iter().flatten().map(String::as_str).chain(sent)
    }

    pub fn is_empty(self) -> bool {
        match self {
            Self::Read(texts) => texts.is_empty(),
            Self::Sent(elements) => elements.is_empty(),
        }
    }
}

impl<'a> Field<'a> for Texts<'a> {
    fn read(field: Option<&'a [u8]>) -> Option<Self> {
        let mut rest = field?;
        let dimensions = i32::from_be_bytes(take(&mut rest)?);
        let [_has_nulls, _element_type]: [[u8; 4]; 2] = [take(&mut rest)?, take(&mut rest)?];
        for _ in 0..dimensions {
            let [_length, _first]: [[u8; 4]; 2] = [take(&mut rest)?, take(&mut rest)?];
        }
        let elements = rest;
        while !rest.is_empty() {
            if let Some(text) = bytes(&mut rest).ok()? {
                str::from_utf8(text).ok()?;
            }
        }
        Some(Self::Sent(elements))
    }
}

/// A length and so many bytes; -1 is the length of null.
pub fn bytes<'a>(rest: &mut &'a [u8]) -> Result<Option<&'a [u8]>, Garbled> {
    let length = i32::from_be_bytes(take(rest).ok_or(Garbled)?);
    if length == -1 {
        return Ok(None);
    }
    let length = usize::try_from(length).map_err(|_| Garbled)?;
    let (field, after) = rest.split_at_checked(length).ok_or(Garbled)?;
    *rest = after;
    Ok(Some(field))
}

pub fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*taken)
}
