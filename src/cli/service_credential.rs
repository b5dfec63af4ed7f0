//! `latchkey service-credential create NAME`

use anyhow::bail;

use crate::cli::known;
use crate::cli::open::Installation;
use crate::cli::output;
use crate::config::Config;
use crate::crypto::service_credential;
use crate::crypto::service_credential::ServicePrefix;
use crate::db::service_credentials;
use crate::db::service_credentials::NewCredential;
use crate::domain::actor::Actor;
use crate::domain::text;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Make a service credential and print it, once
    Create {
        /// What uses it, such as "billing back end"
        name: String,
    },
}

pub fn run(command: Command, config: &Config) -> anyhow::Result<()> {
    let Command::Create { name } = command;
    let name = text::line(&name, service_credential::NAME_LENGTH_MAX)?;
    let installation = Installation::open(config)?;
    let prefix = ServicePrefix::of(&config.keys.prefix);
    let credential = service_credential::generate(&prefix, installation.random.as_ref())?;
    let new = NewCredential {
        id: credential.id(),
        name: name.clone(),
        digest: installation.secrets.pepper.digest(credential.expose()),
        operation: None,
    };
    let now = installation.clock.now();
    let made = installation.db.run_blocking(|conn| {
        service_credentials::create(conn, &Actor::system("command line"), now, &new)
    });
    match made {
        Err(error) if error.is_conflict_on(service_credentials::NAME_TAKEN) => {
            bail!("there is a service credential “{name}” already; choose another name")
        }
        Err(error) if error.is_conflict_on(service_credentials::TOO_MANY) => bail!(
            "{} service credentials work already, which is the most; revoke one first",
            service_credentials::WORKING_MAX
        ),
        other => {
            // So that the first call with it is not refused.
            let _known = known::wait(&installation.db, other?)?;
        }
    }
    output::say(credential.expose());
    Ok(())
}
