//! A password from standard input, for commands that make people.

use std::io::BufRead;

use anyhow::Context;
use anyhow::anyhow;
use secrecy::SecretString;

use crate::crypto::password::PasswordHasher;
use crate::domain::password;
use crate::domain::random::OsRandom;

/// The hash of the first line of standard input, if `wanted`.
pub fn from_stdin_if(wanted: bool) -> anyhow::Result<Option<String>> {
    if !wanted {
        return Ok(None);
    }
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .context("cannot read the password")?;
    let line = line.trim_end_matches(['\r', '\n']);
    let password = password::parse_new(line, &[]).map_err(|fault| anyhow!("password: {fault}"))?;
    let password: SecretString = password.into();
    Ok(Some(
        PasswordHasher::new(OsRandom::shared())?.hash_blocking(&password)?,
    ))
}
