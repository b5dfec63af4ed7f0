//! `latchkey account create`

use anyhow::bail;

use crate::cli::link;
use crate::cli::open::Installation;
use crate::cli::output;
use crate::cli::password;
use crate::config::Config;
use crate::db::accounts;
use crate::db::accounts::NewAccount;
use crate::db::users::NewPerson;
use crate::domain::account::ACCOUNT_NAME_LENGTH_MAX;
use crate::domain::account::AccountDomain;
use crate::domain::actor::Actor;
use crate::domain::person::Email;
use crate::domain::person::PERSON_NAME_LENGTH_MAX;
use crate::domain::text;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Make an account with its Default workspace and its owner
    Create {
        /// What people of the company type at sign-in, such as "acme"
        #[arg(long)]
        domain: AccountDomain,
        /// The company's name
        #[arg(long)]
        name: String,
        /// Who owns the account
        #[arg(long)]
        owner_email: Email,
        /// The owner's name; the e-mail address if not given
        #[arg(long)]
        owner_name: Option<String>,
        /// The plan the company has bought
        #[arg(long)]
        plan: Option<String>,
        /// Read the owner's password from standard input; else a link to set one is printed
        #[arg(long)]
        password_stdin: bool,
    },
}

pub fn run(command: Command, config: &Config) -> anyhow::Result<()> {
    let Command::Create {
        domain,
        name,
        owner_email,
        owner_name,
        plan,
        password_stdin,
    } = command;
    let owner_name = owner_name.unwrap_or_else(|| owner_email.to_string());
    let owner = NewPerson {
        name: text::line(&owner_name, PERSON_NAME_LENGTH_MAX)?,
        email: owner_email,
        password_hash: password::from_stdin_if(password_stdin)?,
    };
    let name = text::line(&name, ACCOUNT_NAME_LENGTH_MAX)?;
    let new = NewAccount {
        domain: domain.clone(),
        name,
        customer_id: None,
        plan,
        owner,
    };

    let installation = Installation::open(config)?;
    let (now, random) = (installation.clock.now(), installation.random.as_ref());
    let actor = Actor::system("command line");
    let made = installation
        .db
        .run_blocking(|conn| accounts::create(conn, &actor, now, random, &new));
    let made = match made {
        Err(error) if error.is_conflict_on(accounts::DOMAIN_KEY) => {
            bail!("there is an account with the domain “{domain}” already; choose another")
        }
        Err(error) if error.is_conflict_on(accounts::PLAN_KEY) => {
            bail!("there is no plan “{}”", new.plan.unwrap_or_default())
        }
        other => other?,
    };
    output::say(&format!(
        "Made the account “{domain}”, owned by {}.",
        new.owner.email
    ));
    if !password_stdin {
        output::say(&link::to_set_password(&installation, config, made.owner)?);
    }
    Ok(())
}
