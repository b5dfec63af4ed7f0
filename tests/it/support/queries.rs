//! Counts the statements that reach a database, so that a page's can be held to a number.

use std::collections::HashMap;
use std::sync::LazyLock;

use diesel::connection::Instrumentation;
use diesel::connection::InstrumentationEvent;
use diesel::connection::set_default_instrumentation;
use parking_lot::Mutex;

/// By the database's address, of connections opened after `watch`.
static STATEMENTS: LazyLock<Mutex<HashMap<String, Vec<String>>>> = LazyLock::new(Mutex::default);

/// Begins to count; call it before the database is opened.
pub fn watch() {
    set_default_instrumentation(|| Some(Box::new(Watcher::default()))).unwrap();
}

/// What was asked of the database since the last call: queries and changes, without what opens and
/// closes transactions and without the pool's own question whether the connection lives.
pub fn take(url: &str) -> Vec<String> {
    // The pool adds parameters to the address.
    let mut statements = STATEMENTS.lock();
    let opened: Vec<String> = statements
        .keys()
        .filter(|opened| opened.starts_with(url))
        .cloned()
        .collect();
    opened
        .iter()
        .flat_map(|opened| statements.remove(opened).unwrap_or_default())
        .collect()
}

#[derive(Default)]
struct Watcher {
    url: String,
}

impl Instrumentation for Watcher {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                url.clone_into(&mut self.url);
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                let text = query.to_string();
                let aside = [
                    "BEGIN",
                    "COMMIT",
                    "ROLLBACK",
                    "SELECT 1",
                    "set transaction ",
                    "set local ",
                    "set role ",
                    "SAVEPOINT",
                    "RELEASE",
                ];
                if !aside.iter().any(|word| text.starts_with(word)) {
                    let mut statements = STATEMENTS.lock();
                    statements.entry(self.url.clone()).or_default().push(text);
                }
            }
            _ => {}
        }
    }
}
