//! Steady light traffic through the gateway, over real HTTP, so that the pages move while somebody
//! looks. Some of it carries a key that is disabled or expired, and is refused.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::Request;
use http::header;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rand::RngExt;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use tokio_util::sync::CancellationToken;

use crate::cli::demo::cast::CastKey;
use crate::cli::demo::cast::KEYS;
use crate::cli::demo::history::calls::App;
use crate::cli::demo::kept::Kept;

/// Some three calls a second.
const PAUSE_MS: std::ops::Range<u64> = 100..540;
const PATIENCE: Duration = Duration::from_secs(10);

/// Which key calls how often, in comparison with the others.
const SHARES: [(&str, u32); 6] = [
    ("backend", 44),
    ("widget", 32),
    ("zapier", 9),
    ("quickstart", 3),
    ("vendor", 7),
    ("migration", 5),
];

/// Tells where a caller sits; believed because the demo trusts this machine as a proxy.
const FORWARDED_FOR: &str = "x-forwarded-for";
const API_KEY: &str = "x-api-key";

type HttpClient = Client<HttpConnector, Full<Bytes>>;

struct Caller {
    plain: String,
    app: App,
    share: u32,
}

/// Calls the base URL `gateway` until `stop`. A call that fails is no fault of the demo: the next one follows.
pub async fn run(gateway: String, kept: Kept, seed: u64, stop: CancellationToken) {
    let client: HttpClient = Client::builder(TokioExecutor::new()).build_http();
    let mut random = SmallRng::seed_from_u64(seed);
    let callers = callers(&kept);
    while !callers.is_empty() {
        let pause = Duration::from_millis(random.random_range(PAUSE_MS));
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        let caller = pick(&callers, &mut random);
        match request(&gateway, caller, &mut random) {
            Ok(request) => {
                tokio::spawn(send(client.clone(), request));
            }
            Err(error) => tracing::debug!(%error, "the demo made no request"),
        }
    }
}

fn callers(kept: &Kept) -> Vec<Caller> {
    let caller = |(slug, share)| {
        let key: &CastKey = KEYS.iter().find(|key| key.slug == slug)?;
        Some(Caller {
            plain: kept.key(slug)?.to_owned(),
            app: key.traffic?.app,
            share,
        })
    };
    SHARES.into_iter().filter_map(caller).collect()
}

fn pick<'a>(callers: &'a [Caller], random: &mut SmallRng) -> &'a Caller {
    let shares: u32 = callers.iter().map(|caller| caller.share).sum();
    let mut place = random.random_range(0..shares);
    for caller in callers {
        if place < caller.share {
            return caller;
        }
        place -= caller.share;
    }
    &callers[0]
}

fn request(
    gateway: &str,
    caller: &Caller,
    random: &mut SmallRng,
) -> Result<Request<Full<Bytes>>, http::Error> {
    let app = caller.app;
    let endpoint = app.pick(random);
    let is_fault = random.random_ratio(app.faults_permille(), 1_000);
    let (path, body) = if is_fault {
        endpoint.faulty_call()
    } else {
        (endpoint.path(random), endpoint.body())
    };
    // The log knows the method by its own type; its name is the same.
    let method = Method::from_bytes(endpoint.method.as_str().as_bytes())?;
    let (header_name, credential) = match app {
        App::Widget => (API_KEY, caller.plain.clone()),
        App::Automation => ("authorization", format!("ApiKey {}", caller.plain)),
        _ => ("authorization", format!("Bearer {}", caller.plain)),
    };
    Request::builder()
        .method(method)
        .uri(format!("{gateway}{path}"))
        .header(header_name, credential)
        .header(header::USER_AGENT, app.agent(random))
        .header(FORWARDED_FOR, app.address(random).to_string())
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from_static(body.as_bytes())))
}

async fn send(client: HttpClient, request: Request<Full<Bytes>>) {
    let call = async {
        let answer = client.request(request).await?;
        // To the end, so that the connection can be used again.
        let body = answer.into_body().collect().await;
        if let Err(error) = body {
            tracing::debug!(%error, "an answer of the demo's traffic broke off");
        }
        Ok::<(), hyper_util::client::legacy::Error>(())
    };
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a call of the demo's traffic failed"),
        Err(_) => tracing::debug!("a call of the demo's traffic took too long"),
    }
}
