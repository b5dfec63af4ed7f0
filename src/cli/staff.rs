//! `latchkey staff create`

use crate::cli::link;
use crate::cli::open::Installation;
use crate::cli::output;
use crate::cli::password;
use crate::config::Config;
use crate::db::users;
use crate::db::users::NewPerson;
use crate::domain::account::STAFF_DOMAIN;
use crate::domain::actor::Actor;
use crate::domain::person::Email;
use crate::domain::role::StaffRole;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Make a person of the company that runs Latchkey, or give one a role
    Create {
        #[arg(long)]
        email: Email,
        /// "operator" runs the installation, "support" reads on behalf of customers, "support-lead" may
        /// also disable a key in an emergency
        #[arg(long)]
        role: StaffRole,
        /// Read the password from standard input; else a link to set one is printed
        #[arg(long)]
        password_stdin: bool,
    },
}

pub fn run(command: Command, config: &Config) -> anyhow::Result<()> {
    let Command::Create {
        email,
        role,
        password_stdin,
    } = command;
    let person = NewPerson {
        name: email.to_string(),
        email,
        password_hash: password::from_stdin_if(password_stdin)?,
    };
    let installation = Installation::open(config)?;
    let (now, random) = (installation.clock.now(), installation.random.as_ref());
    let actor = Actor::system("command line");
    let id = installation
        .db
        .run_blocking(|conn| users::create_staff(conn, &actor, now, random, (&person, role)))?;
    let (email, role) = (&person.email, role.as_str());
    output::say(&format!(
        "{email} is {role} now and signs in at the domain “{STAFF_DOMAIN}”."
    ));
    if !password_stdin {
        output::say(&link::to_set_password(&installation, config, id)?);
    }
    Ok(())
}
