//! What each listener serves, from the parts that it needs.

use crate::app::engine::Engine;
use crate::app::secrets::Secrets;
use crate::app::servers::Faces;
use crate::app::servers::Listeners;
use crate::config::Config;
use crate::crypto::password::PasswordHasher;
use crate::dashboard::console;
use crate::dashboard::console::Console;
use crate::dashboard::console::Promises;
use crate::db::Db;
use crate::edge::Api;
use crate::edge::decisions::Decisions;
use crate::edge::forward_auth::ForwardAuthPeers;
use crate::edge::gateway::Gateway;
use crate::http::client_ip::TrustedProxies;
use crate::mail::Mailer;
use crate::oidc::Providers;
use crate::telemetry;

pub fn make(
    config: &Config,
    secrets: Secrets,
    engine: &Engine,
    db: Db,
    (listeners, mailer): (&Listeners, Mailer),
) -> anyhow::Result<Faces> {
    let listen = &config.listen;
    let trusted_proxies = TrustedProxies::new(listen.trusted_proxies.clone());
    // Counters register themselves with it, so it comes first.
    let recorder = telemetry::start_metrics();
    let decisions = Decisions::new(
        engine.verifier.clone(),
        engine.spool.clone(),
        engine.failed_attempts.clone(),
        engine.clock.clone(),
    );
    let api = Api::new(
        decisions.clone(),
        (engine.own_revocations.clone(), engine.app_usage.clone()),
        ForwardAuthPeers::new(listen.forward_auth_peers.clone(), &listen.trusted_proxies),
        recorder,
    );
    let gateway = match &listen.upstream {
        Some(upstream) => Some(Gateway::new(decisions, upstream)?),
        None => None,
    };
    let addresses = listeners.addresses();
    let public_url = listeners.public_url(listen)?;
    let console = Console::new(console::Parts {
        db,
        clock: engine.clock.clone(),
        random: engine.random.clone(),
        mailer,
        passwords: PasswordHasher::new(engine.random.clone())?,
        pepper: secrets.pepper,
        key_prefix: config.keys.prefix.clone(),
        public_url: public_url.clone(),
        secret_key: secrets.secret_key,
        trusted_proxies: trusted_proxies.clone(),
        providers: Providers::new(&config.oidc, &public_url, &engine.clock)?,
        addresses: console::Addresses {
            api: addresses.api.clone(),
            gateway: addresses.gateway.clone(),
        },
        promises: Promises {
            revoked_within: config.mirror.lease,
            log_kept: config.log.kept(),
        },
    })?;
    Ok(Faces {
        console,
        api,
        gateway,
        trusted_proxies,
    })
}
