//! Rows as a binary COPY sends them. Nothing leaves PostgreSQL faster: no sort, no statement per row,
//! and what a row holds is read where it lies.

mod field;

use std::io::BufRead;

use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use diesel::result::Error;

use crate::db::DbError;

pub use crate::db::copy::field::Field;
pub use crate::db::copy::field::Texts;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Stands where the number of fields of a further row would.
const TRAILER: i16 = -1;

/// What was read is no copy, or no whole one: so a server that failed halfway ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a binary copy was cut off or garbled")]
pub struct Garbled;

impl From<Garbled> for DbError {
    fn from(garbled: Garbled) -> Self {
        Self::Query(Error::DeserializationError(Box::new(garbled)))
    }
}

/// The fields of a row, in their order.
pub struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub fn read<T: Field<'a>>(&mut self) -> Result<T, Garbled> {
        let field = field::bytes(&mut self.0)?;
        T::read(field).ok_or(Garbled)
    }
}

/// Reads a copy of rows of so many columns to its end. `PostgreSQL` sends whole rows at a time.
pub fn each_row(
    mut copy: impl BufRead,
    columns: i16,
    mut take: impl FnMut(&mut Fields<'_>) -> Result<(), Garbled>,
) -> Result<(), Garbled> {
    let mut begun = false;
    loop {
        let sent = copy.fill_buf().map_err(|_| Garbled)?;
        let mut row = Fields(sent);
        if !begun {
            header(&mut row.0).ok_or(Garbled)?;
            begun = true;
        }
        // The header may come alone.
        if !row.0.is_empty() || sent.is_empty() {
            match i16::from_be_bytes(field::take(&mut row.0).ok_or(Garbled)?) {
                TRAILER => return Ok(()),
                count if count == columns => take(&mut row)?,
                _ => return Err(Garbled),
            }
        }
        let read = sent.len() - row.0.len();
        copy.consume(read);
    }
}

fn header(sent: &mut &[u8]) -> Option<()> {
    *sent = sent.strip_prefix(SIGNATURE)?;
    let flags = i32::from_be_bytes(field::take(sent)?);
    // The upper half tells of what one must understand.
    if flags >> 16 != 0 {
        return None;
    }
    let extension = i32::from_be_bytes(field::take(sent)?);
    *sent = sent.get(usize::try_from(extension).ok()?..)?;
    Some(())
}

/// diesel leaves the connection before the end of the copy's answer. A question without parameters
/// reads what is left of it; any other would fail.
pub fn finish(conn: &mut PgConnection) -> Result<(), DbError> {
    Ok(conn.batch_execute("select 1")?)
}

#[cfg(test)]
mod tests;
