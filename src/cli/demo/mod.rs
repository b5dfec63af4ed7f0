//! `latchkey demo`: as `serve`, in a data directory of its own, with an account that has a past, an
//! API behind the gateway and people who call it. Each page has something true to show.

pub mod account;
pub mod cast;
pub mod fill;
pub mod history;
pub mod kept;
pub mod sample_api;
mod sign_ins;
pub mod traffic;

use std::net::Ipv4Addr;
use std::path::PathBuf;

use actix_web::rt::System;
use anyhow::Context;
use ipnet::IpNet;
use ipnet::Ipv4Net;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::app;
use crate::app::data_dir;
use crate::cli::demo::fill::Filled;
use crate::cli::demo::fill::Site;
use crate::cli::demo::fill::fill;
use crate::cli::demo::kept::Kept;
use crate::cli::demo::sample_api::SampleApi;
use crate::cli::open::Installation;
use crate::cli::output;
use crate::cli::serve;
use crate::config::Config;
use crate::config::DatabaseConfig;
use crate::domain::clock::SystemClock;
use crate::domain::random::OsRandom;
use crate::postgres;

/// The demo's data directory stands beside the one of `serve`, under its name with this added.
const DATA_DIR_SUFFIX: &str = "-demo";
/// All addresses of loopback.
const LOOPBACK_PREFIX: u8 = 8;

pub fn run(mut config: Config) -> anyhow::Result<()> {
    config.database.data_dir = Some(own_data_dir(&config.database)?);
    // The demo's callers sit on this machine and say from where they pretend to call.
    let loopback = Ipv4Net::new(Ipv4Addr::LOCALHOST, LOOPBACK_PREFIX)?;
    config.listen.trusted_proxies.push(IpNet::V4(loopback));
    System::new().block_on(async {
        let stop = serve::stop_signal()?;
        let (clock, random) = (SystemClock::shared(), OsRandom::shared());
        let api = SampleApi::start(clock.clone()).context("cannot start the sample API")?;
        config.listen.upstream = Some(Url::parse(&format!("http://{}", api.address))?);
        let kept = prepare(config.clone()).await?;
        let running = app::start(config, clock.clone(), random).await?;
        let addresses = running.addresses();
        serve::announce(addresses);
        output::say(&format!("sample API listening on http://{}", api.address));
        output::say(&sign_ins::text(addresses, &kept));
        output::say("ready");
        let calls = CancellationToken::new();
        let traffic = addresses.gateway.clone().map(|gateway| {
            let seed = clock.now().timestamp().unsigned_abs();
            tokio::spawn(traffic::run(gateway, kept, seed, calls.clone()))
        });
        let ended = running
            .run_until(async {
                stop.await;
                calls.cancel();
                // No new call is made while the gateway drains.
                if let Some(traffic) = traffic {
                    traffic.await.ok();
                }
            })
            .await;
        api.stop().await;
        ended
    })
}

/// What is configured, else `.latchkey-demo` wherever `serve` would have its `.latchkey`.
fn own_data_dir(config: &DatabaseConfig) -> anyhow::Result<PathBuf> {
    if let Some(data_dir) = &config.data_dir {
        return Ok(data_dir.clone());
    }
    let mut data_dir = postgres::default_data_dir(config.pg_user.as_deref())?.into_os_string();
    data_dir.push(DATA_DIR_SUFFIX);
    Ok(data_dir.into())
}

/// Fills the database before anything serves it, so that the mirror loads it whole.
async fn prepare(config: Config) -> anyhow::Result<Kept> {
    let filled = spawn_blocking(move || {
        let data_dir = data_dir::resolve(&config.database)?;
        if Kept::find(&data_dir)?.is_none() {
            output::say("filling the demo with thirty days of calls …");
        }
        let installation = Installation::open(&config)?;
        let site = Site {
            db: &installation.db,
            data_dir: &data_dir,
            prefix: &config.keys.prefix,
            pepper: &installation.secrets.pepper,
        };
        fill(
            &site,
            &installation.clock,
            &installation.random,
            history::CALLS,
        )
    });
    let Filled { kept, calls } = filled.await??;
    if let Some(calls) = calls {
        output::say(&format!("filled: {calls} calls"));
    }
    Ok(kept)
}
