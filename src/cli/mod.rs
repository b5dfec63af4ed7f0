//! The commands. Each is one file; what they share is here.

mod account;
mod audit;
mod catalogue;
pub mod demo;
mod known;
mod link;
mod migrate;
mod open;
mod output;
mod password;
mod person;
mod serve;
mod service_credential;
mod staff;

use std::process::ExitCode;

use clap::Parser;
use clap::Subcommand;

use crate::config::Config;
use crate::config::ConfigFaults;

/// The environment or the command line is wrong; nothing was done.
const WRONG_USAGE: u8 = 2;

/// The API-key console and the check behind it: one binary, one PostgreSQL.
///
/// Without a command it serves. Settings come from the environment; the README has their table.
#[derive(Parser)]
#[command(version, about, long_about = None, arg_required_else_help = false)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the console, the API and the gateway until SIGTERM or Ctrl-C (the default)
    Serve,
    /// Serve with an example account, an example API behind the gateway, and traffic
    Demo,
    /// Bring the database's schema up to date, and exit
    Migrate,
    /// Make an account
    #[command(subcommand)]
    Account(account::Command),
    /// What keys may be granted and accounts may buy: permissions, presets, meters, plans
    #[command(subcommand)]
    Catalogue(catalogue::Command),
    /// Make people of the company that runs Latchkey
    #[command(subcommand)]
    Staff(staff::Command),
    /// Whether the audit log is what was written
    #[command(subcommand)]
    Audit(audit::Command),
    /// Erase what is known of a person
    #[command(subcommand)]
    Person(person::Command),
    /// Make what your back ends send to Latchkey's own API
    #[command(subcommand, name = "service-credential")]
    ServiceCredential(service_credential::Command),
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(ConfigFaults(faults)) => {
            for fault in faults {
                output::complain(&fault);
            }
            return ExitCode::from(WRONG_USAGE);
        }
    };
    crate::telemetry::start_logging(&config.log);
    match dispatch(arguments.command.unwrap_or(Command::Serve), config) {
        Ok(()) => ExitCode::SUCCESS,
        // Found later than the rest, and no less a fault of the environment.
        Err(error) if error.is::<ConfigFaults>() => {
            output::complain(&error.to_string());
            ExitCode::from(WRONG_USAGE)
        }
        Err(error) => {
            output::complain(&format!("latchkey: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command, config: Config) -> anyhow::Result<()> {
    match command {
        Command::Serve => serve::run(config),
        Command::Demo => demo::run(config),
        Command::Migrate => migrate::run(&config),
        Command::Account(command) => account::run(command, &config),
        Command::Catalogue(command) => catalogue::run(command, &config),
        Command::Staff(command) => staff::run(command, &config),
        Command::Audit(command) => audit::run(command, &config),
        Command::Person(command) => person::run(command, &config),
        Command::ServiceCredential(command) => service_credential::run(command, &config),
    }
}
