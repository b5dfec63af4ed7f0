//! What the demo must know again at its next start: passwords and the keys of its own traffic.
//!
//! Only the demo does this. Its people and keys are an example that opens nothing else, and the
//! second start is to print the same sign-ins and a key that works. They lie in the clear in one
//! file of the demo's own data directory, readable by its owner alone; the database holds hashes
//! and digests here as everywhere.

use std::collections::BTreeMap;
use std::fs;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use serde::Deserialize;
use serde::Serialize;

use crate::cli::demo::cast::KEYS;
use crate::cli::demo::cast::Person;
use crate::crypto::key_secret::PlainKey;
use crate::domain::api_key::ApiKeyId;
use crate::domain::base62;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::random::Random;

const FILE: &str = "demo.json";
const FILE_MODE: u32 = 0o600;

/// Four groups of four letters: 95 bits, and short enough to type.
const PASSWORD_LETTERS: usize = 16;
const PASSWORD_GROUP: usize = 4;

#[derive(Clone, Serialize, Deserialize)]
pub struct Kept {
    /// By e-mail address.
    passwords: BTreeMap<String, String>,
    /// By the slug of the key.
    keys: BTreeMap<String, String>,
}

impl Kept {
    /// What an earlier start wrote to `data_dir`.
    pub fn find(data_dir: &Path) -> anyhow::Result<Option<Self>> {
        let path = data_dir.join(FILE);
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .map(Some)
                .with_context(|| format!("cannot read {}", path.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// New passwords, and new keys for those that the demo itself uses.
    pub fn make(prefix: &KeyPrefix, random: &dyn Random) -> anyhow::Result<Self> {
        let mut passwords = BTreeMap::new();
        for person in Person::ALL {
            passwords.insert(person.email().to_owned(), password(random)?);
        }
        let mut keys = BTreeMap::new();
        for key in KEYS.iter().filter(|key| key.live) {
            let plain = PlainKey::generate(prefix, ApiKeyId::generate(random)?, random)?;
            keys.insert(key.slug.to_owned(), plain.expose().to_owned());
        }
        Ok(Self { passwords, keys })
    }

    /// Whole or not at all: a crash leaves no half file.
    pub fn write(&self, data_dir: &Path) -> anyhow::Result<()> {
        let path = data_dir.join(FILE);
        let fresh = path.with_extension("new");
        let text = serde_json::to_vec_pretty(self)?;
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(FILE_MODE)
                .open(&fresh)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&fresh, &path)
        };
        write().with_context(|| format!("cannot write {}", path.display()))
    }

    pub fn password(&self, person: Person) -> &str {
        self.passwords
            .get(person.email())
            .map_or("", String::as_str)
    }

    /// The whole key, for those that the demo itself uses.
    pub fn key(&self, slug: &str) -> Option<&str> {
        self.keys.get(slug).map(String::as_str)
    }
}

fn password(random: &dyn Random) -> anyhow::Result<String> {
    let letters = base62::random::<PASSWORD_LETTERS>(random)?;
    let groups: Vec<&str> = letters
        .chunks(PASSWORD_GROUP)
        .map(|group| str::from_utf8(group).unwrap_or_default())
        .collect();
    Ok(groups.join("-"))
}
