//! `latchkey audit verify` and `latchkey audit accept`

use std::collections::BTreeMap;

use anyhow::Context;
use anyhow::bail;
use diesel::PgConnection;
use serde_json::json;

use crate::cli::open::Installation;
use crate::cli::output;
use crate::config::Config;
use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::audit_log::chain;
use crate::db::audit_log::erase;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::audit::chain::Fault;
use crate::domain::audit::chain::OPERATOR;
use crate::domain::audit::chain::Walk;
use crate::domain::audit::erasure::Erasures;
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
    // At one moment: what is erased meanwhile is in several places.
    let found = installation.db.run_blocking(|conn| {
        let mut snapshot = conn.build_transaction().repeatable_read().read_only();
        snapshot.run(|conn| find(conn, seen.as_ref()))
    })?;
    for complaint in &found.complaints {
        output::complain(complaint);
    }
    say_what_was_seen(file, seen.as_ref());
    if !found.complaints.is_empty() {
        bail!("the audit log is not what was written");
    }
    output::say(&format!(
        "{} rows in {} chains: intact.",
        found.rows, found.chains
    ));
    if found.erased > 0 {
        output::say(&format!(
            "{} erasures emptied rows, as their events tell.",
            found.erased
        ));
    }
    Ok(())
}

#[derive(Default)]
struct Found {
    rows: i64,
    chains: usize,
    erased: usize,
    complaints: Vec<String>,
}

fn find(conn: &mut PgConnection, seen: Option<&Seen>) -> Result<Found, DbError> {
    let chains = chains(conn, seen)?;
    let (mut found, mut erasures) = (Found::default(), Erasures::default());
    for (chain, name) in &chains {
        let mut of_chain = Erasures::default();
        match walk(conn, *chain, seen, &mut of_chain)? {
            Ok(length) => {
                found.rows += length;
                erasures.absorb(of_chain);
            }
            Err(fault) => found.complaints.push(format!("{name}: {fault}")),
        }
    }
    for (chain, seq) in erasures.unexplained() {
        let name = chains.get(&chain).map_or("", String::as_str);
        let fault = Fault::Emptied { seq };
        found.complaints.push(format!("{name}: {fault}"));
    }
    let noted = erase::noted(conn)?;
    for erased in erasures.differing(&noted) {
        found.complaints.push(format!(
            "the erasure of {erased} emptied other rows than its event tells"
        ));
    }
    let unlinked = chain::count_unlinked(conn)?;
    if unlinked > 0 {
        let complaint = format!("{unlinked} rows are in the log and in no chain");
        found.complaints.push(complaint);
    }
    (found.chains, found.erased) = (chains.len(), noted.len());
    Ok(found)
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
fn chains(conn: &mut PgConnection, seen: Option<&Seen>) -> Result<BTreeMap<i32, String>, DbError> {
    let known = seen.into_iter().flat_map(|seen| seen.heads.keys());
    let mut chains: BTreeMap<i32, String> = known
        .map(|chain| (*chain, format!("chain {chain}")))
        .collect();
    let mut after = i32::MIN;
    loop {
        let page = chain::chains(conn, after)?;
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

fn walk(
    conn: &mut PgConnection,
    chain: i32,
    seen: Option<&Seen>,
    erasures: &mut Erasures,
) -> Result<Result<i64, Fault>, DbError> {
    let head = seen.and_then(|seen| seen.heads.get(&chain));
    let mut walk = Walk::new(head.copied());
    loop {
        let links = chain::links(conn, chain, walk.seq())?;
        if links.is_empty() {
            return Ok(walk.end());
        }
        for link in links {
            if let Err(fault) = walk.step(&link) {
                return Ok(Err(fault));
            }
            erasures.see((chain, link.seq), &link.traces);
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
