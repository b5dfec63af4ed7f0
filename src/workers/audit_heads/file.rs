//! The file `audit-heads` in the data directory: a line for each chain, written whole.

use std::collections::BTreeMap;
use std::fs;
use std::fs::File;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use crate::domain::audit::chain::Hash;
use crate::domain::audit::chain::Head;

const NAME: &str = "audit-heads";
/// An account is a line of some 80 bytes.
const BYTES_MAX: u64 = 256 << 20;

/// What was seen of the chains.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    pub heads: BTreeMap<i32, Head>,
    /// The highest number of a row.
    pub entry: i64,
}

/// Where what was seen is kept.
#[derive(Debug, Clone)]
pub struct HeadsFile {
    path: PathBuf,
}

impl HeadsFile {
    pub fn in_dir(data_dir: &Path) -> Self {
        Self {
            path: data_dir.join(NAME),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `None` where nothing was kept yet.
    pub fn read(&self) -> io::Result<Option<Seen>> {
        match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
            Ok(found) if found.len() > BYTES_MAX => return Err(unreadable("it is too long")),
            Ok(_) => {}
        }
        parse(&fs::read_to_string(&self.path)?).map(Some)
    }

    /// Whole or not at all, and on the disk when it returns.
    pub fn write(&self, seen: &Seen) -> io::Result<()> {
        let fresh = self.path.with_extension("new");
        let mut file = File::create(&fresh)?;
        file.write_all(text(seen).as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, &self.path)?;
        match self.path.parent() {
            Some(parent) => File::open(parent)?.sync_all(),
            None => Ok(()),
        }
    }
}

fn text(seen: &Seen) -> String {
    let line = |(chain, head): (&i32, &Head)| {
        let [high, low] = halves(&head.hash);
        format!("{chain} {} {high:032x}{low:032x}", head.seq)
    };
    let lines: Vec<String> = seen.heads.iter().map(line).collect();
    format!("entry {}\n{}\n", seen.entry, lines.join("\n"))
}

/// As two numbers, which have a way to be written and read.
fn halves(hash: &Hash) -> [u128; 2] {
    let (high, low) = hash.split_at(16);
    [high, low].map(|half| {
        half.iter()
            .fold(0, |sum, byte| sum << 8 | u128::from(*byte))
    })
}

fn parse(text: &str) -> io::Result<Seen> {
    let mut lines = text.lines();
    let entry = lines.next().and_then(|line| line.strip_prefix("entry "));
    let entry = entry.and_then(|number| number.parse().ok());
    let heads: Option<BTreeMap<i32, Head>> =
        lines.filter(|text| !text.is_empty()).map(line).collect();
    match (entry, heads) {
        (Some(entry), Some(heads)) => Ok(Seen { heads, entry }),
        _ => Err(unreadable("a line of it makes no sense")),
    }
}

fn line(line: &str) -> Option<(i32, Head)> {
    let mut words = line.split(' ');
    let chain = words.next()?.parse().ok()?;
    let seq = words.next()?.parse().ok()?;
    let hash = hash(words.next()?)?;
    words
        .next()
        .is_none()
        .then_some((chain, Head { seq, hash }))
}

fn hash(digits: &str) -> Option<Hash> {
    let (high, low) = digits.split_at_checked(32)?;
    if low.len() != 32 {
        return None;
    }
    let [high, low] = [high, low].map(|half| u128::from_str_radix(half, 16).ok());
    let bytes = [high?.to_be_bytes(), low?.to_be_bytes()].concat();
    Hash::try_from(bytes).ok()
}

fn unreadable(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{NAME}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_comes_back_as_it_was_kept() {
        let directory = tempfile::tempdir().unwrap();
        let file = HeadsFile::in_dir(directory.path());
        assert_eq!(file.read().unwrap(), None);
        let heads = [(0, 7), (12, 1)].map(|(chain, seq)| (chain, Head { seq, hash: [9; 32] }));
        let seen = Seen {
            heads: heads.into(),
            entry: 8,
        };
        file.write(&seen).unwrap();
        assert_eq!(file.read().unwrap(), Some(seen));
    }

    #[test]
    fn half_a_line_is_not_taken_for_a_head() {
        for text in ["", "entry x\n", "entry 1\n3 4\n", "entry 1\n3 4 abc\n"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
