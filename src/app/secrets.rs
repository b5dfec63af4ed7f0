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
use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::config;
use crate::config::ConfigFaults;
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

/// Refuses files of secrets that others can read or that can be guessed, before anything is started.
pub fn check(config: &SecretsConfig, data_dir: &Path) -> anyhow::Result<()> {
    let kept = [
        (&config.secret_key, "secret_key"),
        (&config.pepper, "pepper"),
    ];
    let mut faults = Vec::new();
    for (given, name) in kept {
        let path = data_dir.join(name);
        if given.is_some() || !path.exists() {
            continue;
        }
        if is_shared(&path)? {
            faults.push(format!(
                "{} can be read by others; run: chmod 600 {0}",
                path.display()
            ));
        }
        let secret = fs::read_to_string(&path);
        let secret = secret.with_context(|| format!("cannot read {}", path.display()))?;
        if let Some(fault) = config::weakness(secret.trim()) {
            faults.push(format!("{}: {fault}", path.display()));
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(ConfigFaults(faults).into())
    }
}

pub fn open(
    config: &SecretsConfig,
    data_dir: &Path,
    random: &dyn Random,
) -> anyhow::Result<Secrets> {
    check(config, data_dir)?;
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
        Ok(secret) => Ok(secret.trim().to_owned().into()),
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

fn is_shared(path: &Path) -> anyhow::Result<bool> {
    Ok(fs::metadata(path)?.mode() & 0o077 != 0)
}
