//! The file `ended-keys` in the data directory: a line for each end that the node has heard of. Of
//! several lines about one key the last is true.

use std::collections::HashMap;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;

use crate::db::mirror::Mark;
use crate::domain::api_key::ApiKeyId;

const NAME: &str = "ended-keys";
/// Some eight million keys.
const BYTES_MAX: u64 = 256 << 20;

/// Whether a key could be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Live,
    Disabled,
    /// Or deleted, which only keys are that were never used.
    Revoked,
}

/// How far a key had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyEnd {
    pub state: State,
    /// Of its current secret: those before have ended, or are about to.
    pub generation: i16,
}

impl KeyEnd {
    /// A key of which nothing has ended.
    pub fn is_plain(self) -> bool {
        self.state == State::Live && self.generation <= 1
    }
}

/// What the node has heard of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The last change.
    pub mark: Option<Mark>,
    pub keys: HashMap<ApiKeyId, KeyEnd>,
    /// Service credentials that are revoked.
    pub credentials: HashSet<ApiKeyId>,
}

#[derive(Debug, Clone)]
pub struct EndingsFile {
    path: PathBuf,
}

impl EndingsFile {
    pub fn in_dir(data_dir: &Path) -> Self {
        Self {
            path: data_dir.join(NAME),
        }
    }

    /// A line that makes no sense is the last, which a crash cut off, or is told.
    pub fn read(&self) -> io::Result<Known> {
        let text = match fs::read(&self.path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Known::default()),
            Err(error) => return Err(error),
        };
        let mut known = Known::default();
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            if take(&mut known, line).is_none() && number + 1 < lines.len() {
                tracing::error!(
                    line = number + 1,
                    "{NAME} has a line that makes no sense; it is passed over"
                );
            }
        }
        Ok(known)
    }

    /// Whole or not at all, and on the disk when it returns.
    pub fn write(&self, known: &Known) -> io::Result<()> {
        let mut text = String::new();
        for (id, end) in &known.keys {
            key_line(&mut text, *id, *end);
        }
        for id in &known.credentials {
            credential_line(&mut text, *id);
        }
        if let Some(mark) = known.mark {
            mark_line(&mut text, mark);
        }
        let fresh = self.path.with_extension("new");
        let mut file = options().write(true).truncate(true).open(&fresh)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, &self.path)?;
        match self.path.parent() {
            Some(parent) => File::open(parent)?.sync_all(),
            None => Ok(()),
        }
    }

    /// On the disk when it returns.
    pub fn append(&self, lines: &str) -> io::Result<()> {
        let mut file = options().append(true).open(&self.path)?;
        if file.metadata()?.len() > BYTES_MAX {
            return Err(io::Error::other(format!("{NAME} is too long")));
        }
        file.write_all(lines.as_bytes())?;
        file.sync_data()
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).mode(0o600);
    options
}

pub fn key_line(text: &mut String, id: ApiKeyId, end: KeyEnd) {
    let state = match end.state {
        State::Live => "live",
        State::Disabled => "disabled",
        State::Revoked => "revoked",
    };
    // Writing to a string cannot fail.
    let _ = writeln!(text, "key {} {state} {}.", id.as_str(), end.generation);
}

pub fn credential_line(text: &mut String, id: ApiKeyId) {
    let _ = writeln!(text, "credential {}.", id.as_str());
}

pub fn mark_line(text: &mut String, mark: Mark) {
    let _ = writeln!(text, "mark {} {}.", mark.seq, mark.at_us);
}

/// The full stop tells a whole line from one that was cut off.
fn take(known: &mut Known, line: &str) -> Option<()> {
    let mut words = line.strip_suffix('.')?.split(' ');
    match words.next()? {
        "key" => {
            let id = words.next()?.parse().ok()?;
            let state = match words.next()? {
                "live" => State::Live,
                "disabled" => State::Disabled,
                "revoked" => State::Revoked,
                _ => return None,
            };
            let generation = words.next()?.parse().ok()?;
            known.keys.insert(id, KeyEnd { state, generation });
        }
        "credential" => {
            known.credentials.insert(words.next()?.parse().ok()?);
        }
        "mark" => {
            let (seq, at_us) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            known.mark = Some(Mark { seq, at_us });
        }
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(letter: &str) -> ApiKeyId {
        letter.repeat(12).parse().unwrap()
    }

    #[test]
    fn what_was_heard_comes_back_and_the_last_line_about_a_key_is_true() {
        let directory = tempfile::tempdir().unwrap();
        let file = EndingsFile::in_dir(directory.path());
        assert_eq!(file.read().unwrap(), Known::default());
        let off = KeyEnd {
            state: State::Disabled,
            generation: 3,
        };
        let mut known = Known {
            mark: Some(Mark { seq: 7, at_us: -5 }),
            keys: [(id("a"), off)].into(),
            credentials: [id("c")].into(),
        };
        file.write(&known).unwrap();
        assert_eq!(file.read().unwrap(), known);
        let mut lines = String::new();
        let on = KeyEnd {
            state: State::Live,
            ..off
        };
        key_line(&mut lines, id("a"), on);
        file.append(&lines).unwrap();
        known.keys.insert(id("a"), on);
        assert_eq!(file.read().unwrap(), known);
    }

    #[test]
    fn a_line_that_a_crash_cut_off_is_none() {
        let directory = tempfile::tempdir().unwrap();
        let file = EndingsFile::in_dir(directory.path());
        let whole = "key aaaaaaaaaaaa revoked 1.\nmark 12 345.\n";
        for cut in 0..whole.len() {
            fs::write(directory.path().join(NAME), &whole[..cut]).unwrap();
            let known = file.read().unwrap();
            assert_eq!(
                known.mark,
                None.or((cut + 1 == whole.len()).then_some(Mark {
                    seq: 12,
                    at_us: 345
                }))
            );
            assert_eq!(known.keys.len(), usize::from(cut >= 27));
        }
    }
}
