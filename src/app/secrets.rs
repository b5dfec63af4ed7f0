//! The secrets of an installation: given by the environment, else made once in the data directory.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use anyhow::bail;
use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::config::SecretsConfig;
use crate::crypto::digest::Pepper;
use crate::crypto::token;
use crate::domain::random::Random;

/// Readable by the owner alone.
const SECRET_FILE_MODE: u32 = 0o600;

pub struct Secrets {
    /// Keys cookies and forms.
    pub secret_key: SecretString,
    /// Keys the digests of API keys and service credentials.
    pub pepper: Pepper,
}

pub fn open(
    config: &SecretsConfig,
    data_dir: &Path,
    random: &dyn Random,
) -> anyhow::Result<Secrets> {
    let secret_key = given_or_kept(
        config.secret_key.as_ref(),
        &data_dir.join("secret_key"),
        random,
    )?;
    let pepper = given_or_kept(config.pepper.as_ref(), &data_dir.join("pepper"), random)?;
    let pepper = Pepper::new(pepper.expose_secret().as_bytes())?;
    Ok(Secrets { secret_key, pepper })
}

fn given_or_kept(
    given: Option<&SecretString>,
    path: &Path,
    random: &dyn Random,
) -> anyhow::Result<SecretString> {
    if let Some(secret) = given {
        return Ok(secret.clone());
    }
    match fs::read_to_string(path) {
        Ok(secret) => {
            refuse_if_shared(path)?;
            Ok(secret.trim().to_owned().into())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path, random),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Written whole under another name and then renamed, so that a crash leaves no half secret.
fn make(path: &Path, random: &dyn Random) -> anyhow::Result<SecretString> {
    let secret = token::generate(random)?;
    let fresh = path.with_extension("new");
    let write = || -> io::Result<()> {
        let mut file: File = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(SECRET_FILE_MODE)
            .open(&fresh)?;
        file.write_all(secret.expose_secret().as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))?;
    Ok(secret)
}

fn refuse_if_shared(path: &Path) -> anyhow::Result<()> {
    let mode = fs::metadata(path)?.mode();
    if mode & 0o077 != 0 {
        bail!(
            "{} can be read by others; run: chmod 600 {0}",
            path.display()
        );
    }
    Ok(())
}
