//! What Latchkey says of itself: a log on stderr, numbers at `/metrics`.

use std::io::IsTerminal;

use metrics_exporter_prometheus::PrometheusBuilder;
use metrics_exporter_prometheus::PrometheusHandle;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::LogConfig;

/// Starts logging; the first call of a process wins.
pub fn start_logging(config: &LogConfig) {
    let filter = EnvFilter::try_new(&config.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    let output = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // A second start in the same process, as in tests, keeps the first subscriber.
    let _already_started = if config.json {
        registry.with(output.json()).try_init()
    } else {
        registry.with(output).try_init()
    };
}

/// The numbers of this process, rendered at `/metrics`.
pub fn start_metrics() -> PrometheusHandle {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let _already_started = metrics::set_global_recorder(recorder);
    handle
}
