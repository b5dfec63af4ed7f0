//! A line between a node and its PostgreSQL that can be frozen, or can lose what is sent on it.

use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::io::copy;
use tokio::io::sink;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::net::UnixStream;
use tokio::sync::watch;

/// What a connection of ours sends first of all if it waits for announcements.
const LISTEN: &[u8] = b"listen latchkey";

/// TCP on one side, the server's Unix socket on the other.
pub struct Proxy {
    pub address: SocketAddr,
    frozen: watch::Sender<bool>,
    lines: Arc<Lines>,
}

#[derive(Default)]
struct Lines {
    all: Mutex<Vec<Arc<Line>>>,
    /// Connections that listen lose everything from now on, later ones too.
    loses_listeners: AtomicBool,
}

#[derive(Default)]
struct Line {
    listens: AtomicBool,
    lost: AtomicBool,
}

impl Proxy {
    pub async fn start(socket: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (frozen, is_frozen) = watch::channel(false);
        let lines = Arc::new(Lines::default());
        let (socket, known) = (socket.to_owned(), Arc::clone(&lines));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let line = Arc::new(Line::default());
                known.all.lock().unwrap().push(Arc::clone(&line));
                let way = (Arc::clone(&known), line, is_frozen.clone());
                tokio::spawn(serve(client, socket.clone(), way));
            }
        });
        Self {
            address,
            frozen,
            lines,
        }
    }

    /// Nothing passes until `heal`, and what was sent arrives then: as when packets are dropped
    /// and sent again.
    pub fn freeze(&self) {
        self.frozen.send_replace(true);
    }

    /// As `freeze`, and what is connected now never hears anything again, nor of its end.
    pub fn lose(&self) {
        self.freeze();
        for line in &*self.lines.all.lock().unwrap() {
            line.lost.store(true, Ordering::SeqCst);
        }
    }

    pub fn heal(&self) {
        self.frozen.send_replace(false);
    }

    pub fn lose_listeners(&self) {
        self.lines.loses_listeners.store(true, Ordering::SeqCst);
    }

    /// Whether some connection has asked for announcements.
    pub fn has_listener(&self) -> bool {
        let lines = self.lines.all.lock().unwrap();
        lines.iter().any(|line| line.listens.load(Ordering::SeqCst))
    }
}

type Way = (Arc<Lines>, Arc<Line>, watch::Receiver<bool>);

async fn serve(client: TcpStream, socket: PathBuf, (lines, line, mut frozen): Way) {
    client.set_nodelay(true).unwrap();
    if frozen.wait_for(|frozen| !frozen).await.is_err() {
        return;
    }
    let Ok(server) = UnixStream::connect(socket).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let way = (lines, line, frozen);
    tokio::join!(
        pump(from_client, to_server, way.clone()),
        pump(from_server, to_client, way)
    );
}

async fn pump(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    (lines, line, mut frozen): Way,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let bytes = &buffer[..length];
        if bytes.windows(LISTEN.len()).any(|part| part == LISTEN) {
            line.listens.store(true, Ordering::SeqCst);
        }
        if frozen.wait_for(|frozen| !frozen).await.is_err() {
            return;
        }
        let listens = line.listens.load(Ordering::SeqCst);
        let loses = listens && lines.loses_listeners.load(Ordering::SeqCst);
        if loses || line.lost.load(Ordering::SeqCst) {
            // Nobody is told; the other side's socket stays open.
            let _ended = copy(&mut from, &mut sink()).await;
            return;
        }
        if to.write_all(bytes).await.is_err() {
            return;
        }
    }
    // The end of one side is the end of the other, when it gets through.
    if frozen.wait_for(|frozen| !frozen).await.is_ok() {
        let _gone = to.shutdown().await;
    }
}
