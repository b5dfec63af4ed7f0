//! A database of its own for each test, copied from one that was migrated once.

use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use diesel::Connection;
use diesel::PgConnection;
use diesel::RunQueryDsl;
use latchkey::db::Db;
use latchkey::db::migrations;

use crate::support::cluster::shared_cluster;

const TEMPLATE: &str = "latchkey_template";

/// Enough for a worker and the test beside it.
const CONNECTIONS_MAX: u32 = 4;

pub struct TestDb {
    name: String,
    db: Db,
}

impl TestDb {
    pub fn new() -> Self {
        static TEMPLATE_READY: OnceLock<()> = OnceLock::new();
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        TEMPLATE_READY.get_or_init(|| {
            execute("postgres", &format!("drop database if exists {TEMPLATE}"));
            execute("postgres", &format!("create database {TEMPLATE}"));
            migrations::apply(&url(TEMPLATE)).unwrap();
        });
        let name = format!("latchkey_test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        execute("postgres", &format!("drop database if exists {name}"));
        execute(
            "postgres",
            &format!("create database {name} template {TEMPLATE}"),
        );
        let db = Db::new(&url(&name), CONNECTIONS_MAX);
        Self { name, db }
    }

    pub fn url(&self) -> String {
        url(&self.name)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn db(&self) -> Db {
        self.db.clone()
    }

    /// A connection beside the pool.
    pub fn connection(&self) -> PgConnection {
        PgConnection::establish(&self.url()).unwrap()
    }

    /// Statements without an answer.
    pub fn execute(&self, sql: &str) {
        execute(&self.name, sql);
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let drop = format!("drop database if exists {} with (force)", self.name);
        // The pool may still be connected; and a failing test should tell its own story.
        if let Ok(mut connection) = PgConnection::establish(&url("postgres")) {
            let _ = diesel::sql_query(drop).execute(&mut connection);
        }
    }
}

fn url(database: &str) -> String {
    shared_cluster().url(database)
}

fn execute(database: &str, sql: &str) {
    let mut connection = PgConnection::establish(&url(database)).unwrap();
    diesel::connection::SimpleConnection::batch_execute(&mut connection, sql).unwrap();
}
