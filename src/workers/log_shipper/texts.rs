//! The numbers of texts, remembered for the day, so that most batches ask for none.

use std::collections::BTreeSet;
use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::PgConnection;
use foldhash::fast::RandomState;

use crate::db::DbError;
use crate::db::log_texts;
use crate::db::log_texts::TextKind;

/// Beyond this many, all are forgotten: a caller may send any number of different paths.
const TEXTS_MAX: usize = 200_000;

#[derive(Default)]
pub struct Texts {
    /// The day that the texts are noted to be used on. On the next one all are noted again.
    day: NaiveDate,
    known: HashMap<TextKind, HashMap<String, i32, RandomState>>,
}

impl Texts {
    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// Forgets what is of another day, or too much.
    pub fn turn_to(&mut self, today: NaiveDate) {
        let count: usize = self.known.values().map(HashMap::len).sum();
        if today != self.day || count > TEXTS_MAX {
            self.day = today;
            self.forget();
        }
    }

    /// Asks for the numbers of those of `values` that are not known yet.
    pub fn learn<'a>(
        &mut self,
        conn: &mut PgConnection,
        kind: TextKind,
        values: impl Iterator<Item = &'a str>,
    ) -> Result<(), DbError> {
        let known = self.known.entry(kind).or_default();
        let missing: BTreeSet<&str> = values.filter(|value| !known.contains_key(*value)).collect();
        if !missing.is_empty() {
            let missing = missing.into_iter().collect();
            known.extend(log_texts::resolve(conn, kind, missing, self.day)?);
        }
        Ok(())
    }

    pub fn number(&self, kind: TextKind, value: &str) -> Result<i32, DbError> {
        let number = self.known.get(&kind).and_then(|known| known.get(value));
        number.copied().ok_or(DbError::NotFound)
    }
}
