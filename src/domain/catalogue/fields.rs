//! Fields of a TOML table, each fault noted with its line, so that all are told at once.

use std::cell::RefCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

use crate::domain::catalogue::Fault;
use crate::domain::text;

/// Most entries of one list.
const LIST_MAX: usize = 200;
/// The database counts in signed 64 bits.
const WHOLE_MAX: u64 = i64::MAX.unsigned_abs();

/// Something and the line that says it.
#[derive(Debug, Clone)]
pub struct Placed<T> {
    pub value: T,
    pub line: usize,
}

pub struct Reader {
    /// Where each line begins.
    lines: Vec<usize>,
    faults: RefCell<Vec<Fault>>,
}

impl Reader {
    pub fn new(document: &str) -> Self {
        let after = document.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            lines: std::iter::once(0).chain(after).collect(),
            faults: RefCell::default(),
        }
    }

    pub fn line(&self, span: &Range<usize>) -> usize {
        self.lines.partition_point(|start| *start <= span.start)
    }

    pub fn fault(&self, line: usize, words: impl Into<String>) {
        let words = words.into();
        self.faults.borrow_mut().push(Fault { line, words });
    }

    pub fn into_faults(self) -> Vec<Fault> {
        let mut faults = self.faults.into_inner();
        faults.sort();
        faults.dedup();
        faults
    }
}

/// One table of the document. What is asked of it is what it may hold.
pub struct Fields<'d> {
    pub reader: &'d Reader,
    pub line: usize,
    table: &'d DeTable<'d>,
    known: Vec<&'static str>,
}

impl<'d> Fields<'d> {
    pub fn new(reader: &'d Reader, line: usize, table: &'d DeTable<'d>) -> Self {
        Self {
            reader,
            line,
            table,
            known: Vec::new(),
        }
    }

    pub fn take(&mut self, name: &'static str) -> Option<Placed<&'d DeValue<'d>>> {
        self.known.push(name);
        self.table.get(name).map(|value| placed(self.reader, value))
    }

    /// A line of text that must be there; what is wrong with it is noted, and reads as empty.
    pub fn text(&mut self, name: &'static str, max: usize) -> Placed<String> {
        let line = self.line;
        let Some(value) = self.take(name) else {
            self.reader.fault(line, format!("“{name}” is missing"));
            let value = String::new();
            return Placed { value, line };
        };
        let read = value.value.as_str().map(|input| text::line(input, max));
        let text = match read {
            Some(Ok(text)) => text,
            Some(Err(fault)) => {
                self.reader.fault(value.line, format!("“{name}”: {fault}"));
                String::new()
            }
            None => {
                self.reader
                    .fault(value.line, format!("“{name}” must be a text"));
                String::new()
            }
        };
        let line = value.line;
        Placed { value: text, line }
    }

    /// A line of text that may be missing or empty.
    pub fn optional_text(&mut self, name: &'static str, max: usize) -> String {
        match self.table.get(name).map(|value| value.get_ref().as_str()) {
            None | Some(Some("")) => {
                self.known.push(name);
                String::new()
            }
            _ => self.text(name, max).value,
        }
    }

    /// A list of texts; missing is empty.
    pub fn texts(&mut self, name: &'static str) -> Vec<Placed<&'d str>> {
        let Some(list) = self.take(name) else {
            return Vec::new();
        };
        let Some(values) = list.value.as_array() else {
            let words = format!("“{name}” must be a list of texts");
            self.reader.fault(list.line, words);
            return Vec::new();
        };
        if values.len() > LIST_MAX {
            let words = format!("“{name}” has more than {LIST_MAX} entries");
            self.reader.fault(list.line, words);
            return Vec::new();
        }
        let mut texts: Vec<Placed<&'d str>> = Vec::new();
        for value in values.iter().map(|value| placed(self.reader, value)) {
            let line = value.line;
            match value.value.as_str() {
                None => self
                    .reader
                    .fault(line, format!("“{name}” must hold texts only")),
                Some(text) if texts.iter().any(|known| known.value == text) => self
                    .reader
                    .fault(line, format!("“{text}” stands in “{name}” twice")),
                Some(text) => texts.push(Placed { value: text, line }),
            }
        }
        texts
    }

    /// A whole number of at least `min`; missing is none.
    pub fn whole(&mut self, name: &'static str, min: u64) -> Option<u64> {
        let value = self.take(name)?;
        let number = whole(value.value).filter(|number| (min..=WHOLE_MAX).contains(number));
        if number.is_none() {
            let words = format!("“{name}” must be a whole number of at least {min}");
            self.reader.fault(value.line, words);
        }
        number
    }

    /// A table of whole numbers of at least `min`, by slug; missing is empty.
    pub fn amounts(&mut self, name: &'static str, min: u64) -> Vec<Placed<(&'d str, u64)>> {
        let Some(table) = self.take(name) else {
            return Vec::new();
        };
        let Some(entries) = table.value.as_table() else {
            let words = format!("“{name}” must be a table such as {{ imports = 1 }}");
            self.reader.fault(table.line, words);
            return Vec::new();
        };
        let mut amounts = Vec::new();
        for (key, value) in entries {
            let line = self.reader.line(&key.span());
            let slug: &str = key.get_ref();
            let number = whole(value.get_ref());
            if let Some(amount) = number.filter(|number| (min..=WHOLE_MAX).contains(number)) {
                let value = (slug, amount);
                amounts.push(Placed { value, line });
            } else {
                let words = format!("“{name}.{slug}” must be a whole number of at least {min}");
                self.reader.fault(line, words);
            }
        }
        amounts
    }

    /// Call it last: what nobody has asked for is a fault.
    pub fn finish(self) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !self.known.contains(&name) {
                let line = self.reader.line(&key.span());
                self.reader.fault(line, format!("unknown field “{name}”"));
            }
        }
    }
}

fn placed<'d>(reader: &Reader, value: &'d Spanned<DeValue<'d>>) -> Placed<&'d DeValue<'d>> {
    Placed {
        value: value.get_ref(),
        line: reader.line(&value.span()),
    }
}

fn whole(value: &DeValue<'_>) -> Option<u64> {
    let number = value.as_integer()?;
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}
