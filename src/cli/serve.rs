//! `latchkey` or `latchkey serve`

use actix_web::rt::System;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;

use crate::app;
use crate::app::Addresses;
use crate::cli::output;
use crate::config::Config;
use crate::domain::clock::SystemClock;
use crate::domain::random::OsRandom;

pub fn run(config: Config) -> anyhow::Result<()> {
    System::new().block_on(async {
        let stop = stop_signal()?;
        let running = app::start(config, SystemClock::shared(), OsRandom::shared()).await?;
        announce(running.addresses());
        if let Some(link) = running.setup_link() {
            output::say(&format!("No account yet. Set up the first one: {link}"));
        }
        output::say("ready");
        running.run_until(stop).await
    })
}

/// One line for each listener that takes requests.
pub fn announce(addresses: &Addresses) {
    output::say(&format!("console listening on {}", addresses.console));
    output::say(&format!("api listening on {}", addresses.api));
    if let Some(gateway) = &addresses.gateway {
        output::say(&format!("gateway listening on {gateway}"));
    }
}

/// Ends at SIGTERM or Ctrl-C. Listens from the call on, so that no signal is missed.
pub fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
