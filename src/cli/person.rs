//! `latchkey person erase`

use anyhow::bail;

use crate::cli::open::Installation;
use crate::cli::output;
use crate::config::Config;
use crate::db::users;
use crate::db::users::Erased;
use crate::db::users::Erasing;
use crate::domain::actor::Actor;
use crate::domain::person::Email;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Delete name, address, password, second factor, linked sign-ins and sessions of somebody who
    /// has left every account, and empty the audit log of what names them. Keys, counts and every
    /// audit row stay, and the log can still be verified
    Erase {
        #[arg(long)]
        email: Email,
    },
}

pub fn run(command: Command, config: &Config) -> anyhow::Result<()> {
    let Command::Erase { email } = command;
    let installation = Installation::open(config)?;
    let (now, actor) = (installation.clock.now(), Actor::system("command line"));
    let erasing = installation.db.run_blocking(|conn| {
        users::erase(conn, &actor, now, installation.random.as_ref(), &email)
    })?;
    match erasing {
        Erasing::Done(erased) => {
            output::say(&words(&email, erased));
            Ok(())
        }
        Erasing::Member(domains) => bail!(
            "{email} is still a member of {}: remove them there first, so that their keys get \
             another owner",
            domains.join(", ")
        ),
        Erasing::Staff => {
            bail!("{email} still has a role at the operator: take it from them first")
        }
    }
}

fn words(email: &Email, erased: Erased) -> String {
    let Erased {
        person,
        sessions,
        sign_ins,
        invitations,
        audit_parts,
        audit_left,
        texts,
    } = erased;
    let who = match person {
        Some(_) => format!(
            "{email} is erased, with {sessions} sessions, {sign_ins} ways to sign in and \
             {invitations} invitations."
        ),
        None => {
            format!("Nobody has the address {email}; {invitations} invitations to it are gone.")
        }
    };
    let old = match audit_left {
        0 => String::new(),
        _ => format!(" {audit_left} audit rows from before rows could be emptied still name them."),
    };
    format!(
        "{who} {audit_parts} parts of audit rows and {texts} other texts name them no more. \
         Keys, counts and all audit rows stay.{old}"
    )
}
