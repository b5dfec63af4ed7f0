//! `latchkey migrate`

use crate::app::data_dir;
use crate::app::database::Database;
use crate::cli::output;
use crate::config::Config;
use crate::db::migrations;

pub fn run(config: &Config) -> anyhow::Result<()> {
    let data_dir = data_dir::resolve(&config.database)?;
    let database = Database::attach(&config.database, &data_dir)?;
    match migrations::apply(&database.url())? {
        0 => output::say("The schema is up to date."),
        1 => output::say("Applied 1 migration."),
        more => output::say(&format!("Applied {more} migrations.")),
    }
    Ok(())
}
