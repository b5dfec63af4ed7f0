//! A link that lets a person set their password, once.

use secrecy::ExposeSecret;

use crate::cli::open::Installation;
use crate::config::Config;
use crate::db::one_time_links;
use crate::db::one_time_links::Purpose;
use crate::domain::actor::Actor;
use crate::domain::person::UserId;

pub fn to_set_password(
    installation: &Installation,
    config: &Config,
    user: UserId,
) -> anyhow::Result<String> {
    let (now, random) = (installation.clock.now(), installation.random.as_ref());
    let actor = Actor::system("command line");
    let purpose = Purpose::SetPassword(user);
    let token = installation
        .db
        .run_blocking(|conn| one_time_links::create(conn, &actor, now, random, purpose))?;
    let origin = match &config.listen.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("http://{}", config.listen.console),
    };
    let token = token.expose_secret();
    Ok(format!(
        "Set the password, within 24 hours: {origin}/set-password?token={token}"
    ))
}
