//! From the text of a document to a catalogue, or to all its faults.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

use crate::domain::catalogue::Catalogue;
use crate::domain::catalogue::DOCUMENT_BYTES_MAX;
use crate::domain::catalogue::Fault;
use crate::domain::catalogue::Faults;
use crate::domain::catalogue::check;
use crate::domain::catalogue::fields::Fields;
use crate::domain::catalogue::fields::Placed;
use crate::domain::catalogue::fields::Reader;
use crate::domain::catalogue::sections;
use crate::domain::catalogue::sections::RawPermission;
use crate::domain::catalogue::sections::RawPlan;
use crate::domain::catalogue::sections::RawPreset;
use crate::domain::catalogue::sections::RawRights;
use crate::domain::plan::Meter;

/// Most tables of one kind.
const TABLES_MAX: usize = 500;

/// A document that is valid by itself.
#[derive(Debug)]
pub struct Document {
    /// Without a version yet.
    pub catalogue: Catalogue,
    /// Where each meter stands.
    pub meter_lines: BTreeMap<String, usize>,
}

/// The document's tables, each read by itself.
pub struct Sections<'d> {
    pub permissions: Vec<RawPermission<'d>>,
    pub presets: Vec<RawPreset<'d>>,
    pub meters: Vec<Placed<Meter>>,
    pub plans: Vec<RawPlan<'d>>,
    pub rights: Option<RawRights<'d>>,
}

impl Document {
    pub fn parse(text: &str) -> Result<Self, Faults> {
        if text.len() > DOCUMENT_BYTES_MAX {
            let words = format!("the document is longer than {DOCUMENT_BYTES_MAX} bytes");
            return Err(Faults(vec![Fault { line: 1, words }]));
        }
        let (root, errors) = DeTable::parse_recoverable(text);
        let reader = Reader::new(text);
        if !errors.is_empty() {
            for error in errors {
                let line = error.span().map_or(1, |span| reader.line(&span));
                reader.fault(line, error.message());
            }
            // What could not be read would be reported as missing.
            return Err(Faults(reader.into_faults()));
        }
        let sections = read(&reader, root.get_ref());
        let meter_lines = sections
            .meters
            .iter()
            .map(|meter| (meter.value.slug.clone(), meter.line))
            .collect();
        let catalogue = check::assemble(&reader, sections);
        let faults = reader.into_faults();
        if faults.is_empty() {
            Ok(Self {
                catalogue,
                meter_lines,
            })
        } else {
            Err(Faults(faults))
        }
    }
}

fn read<'d>(reader: &'d Reader, root: &'d DeTable<'d>) -> Sections<'d> {
    let mut fields = Fields::new(reader, 1, root);
    let sections = Sections {
        permissions: tables(&mut fields, "permission", sections::permission),
        presets: tables(&mut fields, "preset", sections::preset),
        meters: tables(&mut fields, "meter", sections::meter),
        plans: tables(&mut fields, "plan", sections::plan),
        rights: rights(&mut fields),
    };
    fields.finish();
    sections
}

fn rights<'d>(fields: &mut Fields<'d>) -> Option<RawRights<'d>> {
    let rights = fields.take("rights")?;
    let Some(table) = rights.value.as_table() else {
        let words = "“rights” must be a table: [rights]";
        fields.reader.fault(rights.line, words);
        return None;
    };
    let fields = Fields::new(fields.reader, rights.line, table);
    Some(sections::rights(fields))
}

/// Every `[[name]]`.
fn tables<'d, T>(
    fields: &mut Fields<'d>,
    name: &'static str,
    read: impl Fn(Fields<'d>) -> T,
) -> Vec<T> {
    let reader = fields.reader;
    let Some(value) = fields.take(name) else {
        return Vec::new();
    };
    let entries: Option<Vec<_>> = value
        .value
        .as_array()
        .map(|entries| entries.iter().map(table).collect::<Option<Vec<_>>>())
        .unwrap_or_default();
    let Some(entries) = entries else {
        reader.fault(value.line, format!("write [[{name}]] tables"));
        return Vec::new();
    };
    if entries.len() > TABLES_MAX {
        let words = format!("there are more than {TABLES_MAX} [[{name}]] tables");
        reader.fault(value.line, words);
    }
    entries
        .into_iter()
        .take(TABLES_MAX)
        .map(|(span, table)| read(Fields::new(reader, reader.line(&span), table)))
        .collect()
}

type Entry<'d> = (std::ops::Range<usize>, &'d DeTable<'d>);

fn table<'d>(value: &'d Spanned<DeValue<'d>>) -> Option<Entry<'d>> {
    Some((value.span(), value.get_ref().as_table()?))
}
