//! `latchkey catalogue show` and `latchkey catalogue apply FILE`

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::bail;

use crate::cli::known;
use crate::cli::open::Installation;
use crate::cli::output;
use crate::config::Config;
use crate::db::catalogue;
use crate::db::catalogue::Applied;
use crate::domain::actor::Actor;
use crate::domain::catalogue::DOCUMENT_BYTES_MAX;
use crate::domain::catalogue::Faults;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Print the catalogue in force, as it was applied
    Show,
    /// Put a catalogue in the place of the one in force, all of it or nothing
    Apply {
        /// A TOML file; - for standard input
        file: PathBuf,
    },
}

pub fn run(command: Command, config: &Config) -> anyhow::Result<()> {
    match command {
        Command::Show => show(config),
        Command::Apply { file } => apply(config, &file),
    }
}

fn show(config: &Config) -> anyhow::Result<()> {
    let installation = Installation::open(config)?;
    let Some(latest) = installation.db.run_blocking(catalogue::latest)? else {
        bail!("no catalogue is applied yet");
    };
    output::say(latest.document.trim_end());
    Ok(())
}

fn apply(config: &Config, file: &Path) -> anyhow::Result<()> {
    let text = read(file)?;
    let installation = Installation::open(config)?;
    let (actor, now) = (Actor::system("command line"), installation.clock.now());
    let applied = installation
        .db
        .run_blocking(|conn| catalogue::apply(conn, &actor, now, &text))?;
    let seq = match applied {
        Err(faults) => bail!(in_file(file, &faults)),
        Ok(Applied::Unchanged { version }) => {
            output::say(&format!("Nothing changes: this is version {version}."));
            return Ok(());
        }
        Ok(Applied::New {
            version,
            presets,
            seq,
        }) => {
            output::say(&format!("Applied as version {version}."));
            for preset in presets {
                output::say(&format!("New version of a preset: {preset}."));
            }
            seq
        }
    };
    if !known::wait(&installation.db, seq)? {
        output::complain("Some nodes have not applied it yet; see /operator/nodes.");
    }
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<String> {
    let most = u64::try_from(DOCUMENT_BYTES_MAX).unwrap_or(u64::MAX);
    let mut text = String::new();
    // One byte more, so that what is too long is seen to be.
    let read = if file == Path::new("-") {
        std::io::stdin().take(most + 1).read_to_string(&mut text)
    } else {
        File::open(file).and_then(|file| file.take(most + 1).read_to_string(&mut text))
    };
    read.with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(text)
}

/// Each fault on a line of its own, as compilers write them.
fn in_file(file: &Path, Faults(faults): &Faults) -> String {
    let mut words = "nothing was changed:".to_owned();
    for fault in faults {
        let line = format!("\n{}:{}: {}", file.display(), fault.line, fault.words);
        words.push_str(&line);
    }
    words
}
