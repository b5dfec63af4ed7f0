//! Waits for `NOTIFY` on a connection of its own and wakes the poll. Only a hint: when this
//! connection is down, changes arrive with the next poll.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_postgres::AsyncMessage;
use tokio_postgres::Config;
use tokio_postgres::Connection;
use tokio_postgres::NoTls;
use tokio_util::sync::CancellationToken;

const CHANNEL: &str = "latchkey_key_changes";
const BACKOFF_FIRST: Duration = Duration::from_millis(100);
const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// How often a quiet connection is asked whether it is still there.
const PROBE_INTERVAL: Duration = Duration::from_secs(5);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Debug, thiserror::Error)]
enum ListenError {
    #[error(transparent)]
    Postgres(#[from] tokio_postgres::Error),
    #[error("the connection does not answer")]
    Silent,
}

pub async fn run(url: String, wake: Arc<Notify>, stop: CancellationToken) {
    let mut backoff = BACKOFF_FIRST;
    while !stop.is_cancelled() {
        match listen(&url, &wake).await {
            Ok(()) => backoff = BACKOFF_FIRST,
            Err(error) => tracing::debug!(%error, "not listening for changes"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(backoff) => {}
        }
        backoff = (backoff * 2).min(BACKOFF_MAX);
    }
}

/// Returns when the connection ends or answers no more.
async fn listen(url: &str, wake: &Arc<Notify>) -> Result<(), ListenError> {
    let mut config: Config = url.parse()?;
    config
        .connect_timeout(ANSWER_TIMEOUT)
        .tcp_user_timeout(ANSWER_TIMEOUT)
        .keepalives_idle(PROBE_INTERVAL);
    let (client, connection) = answered(config.connect(NoTls)).await?;
    // Ends with this function.
    let mut driver = JoinSet::new();
    driver.spawn(hear(connection, Arc::clone(wake)));
    answered(client.batch_execute(&format!("listen {CHANNEL}"))).await?;
    tracing::debug!(channel = CHANNEL, "listening for changes");
    // What was announced before this moment was missed.
    wake.notify_one();
    loop {
        tokio::select! {
            _ = driver.join_next() => return Ok(()),
            () = tokio::time::sleep(PROBE_INTERVAL) => {}
        }
        // A connection that was dropped without a word looks like one without news.
        answered(client.batch_execute("")).await?;
    }
}

/// Wakes the poll at each announcement, until the connection ends.
async fn hear<S, T>(mut connection: Connection<S, T>, wake: Arc<Notify>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        if let AsyncMessage::Notification(_) = message {
            wake.notify_one();
        }
    }
}

async fn answered<T>(
    answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, ListenError> {
    match tokio::time::timeout(ANSWER_TIMEOUT, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(ListenError::Silent),
    }
}
