//! `latchkey audit verify` and `latchkey audit accept`

use std::collections::BTreeMap;

use anyhow::Context;
use anyhow::bail;
use serde_json::json;

use crate::cli::open::Installation;
use crate::cli::output;
use crate::config::Config;
use crate::db::Db;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::audit_log::chain;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::audit::chain::Fault;
use crate::domain::audit::chain::OPERATOR;
use crate::domain::audit::chain::Walk;
use crate::workers::audit_heads::HeadsFile;
use crate::workers::audit_heads::Seen;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Walk every account's chain; exit 1 and name the first broken row of each
    Verify,
    /// After an older copy of the database was restored on purpose: compare with what it holds now
    Accept {
        /// Goes into the audit log
        #[arg(long)]
        reason: String,
    },
}

pub fn run(command: Command, config: &Config) -> anyhow::Result<()> {
    let installation = Installation::open(config)?;
    match command {
        Command::Verify => verify(&installation),
        Command::Accept { reason } => accept(&installation, &reason),
    }
}

fn verify(installation: &Installation) -> anyhow::Result<()> {
    let file = &installation.audit_heads;
    let seen = file.read().context("cannot read what was seen")?;
    let chains = chains(&installation.db, seen.as_ref())?;
    let (mut rows, mut broken) = (0, 0);
    for (chain, name) in &chains {
        match walk(&installation.db, *chain, seen.as_ref())? {
            Ok(length) => rows += length,
            Err(fault) => {
                broken += 1;
                output::complain(&format!("{name}: {fault}"));
            }
        }
    }
    let unlinked = installation.db.run_blocking(chain::count_unlinked)?;
    if unlinked > 0 {
        output::complain(&format!("{unlinked} rows are in the log and in no chain"));
    }
    say_what_was_seen(file, seen.as_ref());
    if broken > 0 || unlinked > 0 {
        bail!("the audit log is not what was written");
    }
    output::say(&format!("{rows} rows in {} chains: intact.", chains.len()));
    Ok(())
}

fn say_what_was_seen(file: &HeadsFile, seen: Option<&Seen>) {
    let path = file.path().display();
    match seen {
        Some(seen) => {
            let heads = seen.heads.len();
            output::say(&format!("Compared with {heads} heads kept in {path}."));
        }
        None => output::complain(&format!(
            "No heads are kept in {path}: rows that are missing at the end cannot be found."
        )),
    }
}

/// Every chain by its number, and whose it is: those of the database and those that were seen.
fn chains(db: &Db, seen: Option<&Seen>) -> anyhow::Result<BTreeMap<i32, String>> {
    let known = seen.into_iter().flat_map(|seen| seen.heads.keys());
    let mut chains: BTreeMap<i32, String> = known
        .map(|chain| (*chain, format!("chain {chain}")))
        .collect();
    let mut after = i32::MIN;
    loop {
        let page = db.run_blocking(|conn| chain::chains(conn, after))?;
        let Some((last, _)) = page.last() else {
            return Ok(chains);
        };
        after = *last;
        for (chain, name) in page {
            let name = match name {
                Some(name) => format!("account {name} (chain {chain})"),
                None if chain == OPERATOR => "operator (chain 0)".to_owned(),
                None => format!("chain {chain}"),
            };
            chains.insert(chain, name);
        }
    }
}

fn walk(db: &Db, chain: i32, seen: Option<&Seen>) -> anyhow::Result<Result<i64, Fault>> {
    let head = seen.and_then(|seen| seen.heads.get(&chain));
    let mut walk = Walk::new(head.copied());
    loop {
        let links = db.run_blocking(|conn| chain::links(conn, chain, walk.seq()))?;
        if links.is_empty() {
            return Ok(walk.end());
        }
        for link in links {
            if let Err(fault) = walk.step(&link) {
                return Ok(Err(fault));
            }
        }
    }
}

fn accept(installation: &Installation, reason: &str) -> anyhow::Result<()> {
    let file = &installation.audit_heads;
    // Whatever it says, it is to be forgotten.
    let before = file.read().unwrap_or_default().unwrap_or_default();
    let actor = Actor::system("command line");
    let now = installation.clock.now();
    let target = Target {
        kind: "audit-log",
        id: "heads",
        label: "the chains",
    };
    let seen = json!({"chains": before.heads.len(), "entry": before.entry});
    let entry = AuditEntry {
        before: Some(seen),
        reason: Some(reason),
        ..AuditEntry::new(Action::AuditAccepted, target)
    };
    let db = &installation.db;
    db.run_blocking(|conn| audit_log::insert(conn, &actor, now, &entry))?;
    let heads = db.run_blocking(|conn| chain::heads_since(conn, i64::MIN))?;
    let seen = Seen {
        heads: heads.of.into_iter().collect(),
        entry: heads.entry,
    };
    file.write(&seen)?;
    let heads = seen.heads.len();
    output::say(&format!("{heads} heads are kept as the database has them."));
    Ok(())
}
