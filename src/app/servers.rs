//! The three listeners: bound first, so that their addresses are known, and served last.

use std::net::SocketAddr;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::App;
use actix_web::HttpServer;
use actix_web::dev::Server;
use actix_web::dev::ServerHandle;
use anyhow::Context;
use tokio::task::JoinSet;
use url::Url;

use crate::app::engine::Engine;
use crate::config::ListenConfig;
use crate::dashboard::console::Console;
use crate::edge::Api;
use crate::edge::gateway::Gateway;
use crate::http::client_ip::TrustedProxies;
use crate::http::request_id::RequestIds;

/// A request that runs when the process is told to stop may take this much longer.
const DRAIN_SECONDS: u64 = 10;
/// Idle connections of callers are kept for their next request.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// A request whose head does not arrive within this is dropped.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// The limits that all listeners share. A macro, because each server is a type of its own.
macro_rules! settled {
    ($server:expr) => {
        $server
            .disable_signals()
            .shutdown_timeout(DRAIN_SECONDS)
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(HEAD_TIMEOUT)
    };
}
/// Where each listener is reached, as a base URL without a slash at the end.
#[derive(Debug, Clone)]
pub struct Addresses {
    pub console: String,
    pub api: String,
    pub gateway: Option<String>,
}

/// Listeners that are bound and not served yet.
pub struct Listeners {
    console: TcpListener,
    api: TcpListener,
    gateway: Option<TcpListener>,
    addresses: Addresses,
}

/// What is served on them.
pub struct Faces {
    pub console: Console,
    pub api: Api,
    pub gateway: Option<Gateway>,
    pub trusted_proxies: TrustedProxies,
}

impl Listeners {
    pub fn bind(config: &ListenConfig) -> anyhow::Result<Self> {
        let console = bind("LATCHKEY_LISTEN", config.console)?;
        let api = bind("LATCHKEY_API_LISTEN", config.api)?;
        let gateway = match &config.upstream {
            Some(_) => Some(bind("LATCHKEY_GATEWAY_LISTEN", config.gateway)?),
            None => None,
        };
        let addresses = Addresses {
            console: base_url(&console)?,
            api: base_url(&api)?,
            gateway: gateway.as_ref().map(base_url).transpose()?,
        };
        Ok(Self {
            console,
            api,
            gateway,
            addresses,
        })
    }

    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// The address in links: the public one if it is set, else the listener's.
    pub fn public_url(&self, config: &ListenConfig) -> anyhow::Result<Url> {
        match &config.public_url {
            Some(url) => Ok(url.clone()),
            None => Ok(Url::parse(&self.addresses.console)?),
        }
    }

    /// Takes requests from now on.
    pub fn serve(self, engine: &Engine, faces: Faces) -> anyhow::Result<Servers> {
        let ids = RequestIds::new(engine.clock.clone(), engine.random.clone());
        let mut servers = Servers {
            running: JoinSet::new(),
            handles: Vec::new(),
        };
        let Faces {
            console,
            api,
            gateway,
            trusted_proxies,
        } = faces;

        let server = settled!(HttpServer::new(move || console.app()));
        servers.add("console", server.listen(self.console)?.run());

        let (api_ids, api_proxies) = (ids.clone(), trusted_proxies.clone());
        let server = settled!(HttpServer::new(move || {
            App::new()
                .app_data(api_proxies.clone())
                .configure(|config| api.routes(config))
                .wrap(api_ids.clone())
        }));
        servers.add("api", server.listen(self.api)?.run());

        if let (Some(gateway), Some(listener)) = (gateway, self.gateway) {
            let server = settled!(HttpServer::new(move || {
                App::new()
                    .app_data(trusted_proxies.clone())
                    .configure(|config| gateway.routes(config))
                    .wrap(ids.clone())
            }));
            servers.add("gateway", server.listen(listener)?.run());
        }
        Ok(servers)
    }
}

/// Listeners that take requests.
pub struct Servers {
    running: JoinSet<&'static str>,
    handles: Vec<ServerHandle>,
}

impl Servers {
    fn add(&mut self, name: &'static str, server: Server) {
        self.handles.push(server.handle());
        self.running.spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, name, "a listener failed");
            }
            name
        });
    }

    /// The name of a listener that ended although nobody stopped it.
    pub async fn first_to_end(&mut self) -> &'static str {
        match self.running.join_next().await {
            Some(Ok(name)) => name,
            Some(Err(_)) | None => "a listener",
        }
    }

    /// Takes no new requests and waits for the running ones.
    pub async fn stop(mut self) {
        futures_util::future::join_all(self.handles.iter().map(|handle| handle.stop(true))).await;
        while self.running.join_next().await.is_some() {}
    }
}

fn bind(variable: &str, at: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(at).with_context(|| format!("cannot listen on {at}; set {variable}"))
}

fn base_url(listener: &TcpListener) -> anyhow::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}
