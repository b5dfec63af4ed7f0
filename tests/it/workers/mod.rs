//! The loops between the database, the mirror and the spool.

mod chunks;
mod completions;
mod credential_use;
mod exactly_once;
mod failed_attempts;
mod interruptions;
mod ip_blocks;
mod log_shipper;
mod meters;
mod mirror_load;
mod mirror_sync;
mod overlap_letters;
mod permissions;
mod retention;
mod rollups;
mod shortened;

use std::borrow::Cow;
use std::sync::Arc;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;
use diesel::sql_types::Text;
use latchkey::domain::account::AccountId;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::clock::Clock;
use latchkey::domain::endpoint::Method;
use latchkey::domain::endpoint::Surface;
use latchkey::domain::log_retention::KeptDays;
use latchkey::domain::random::OsRandom;
use latchkey::domain::request_id::RequestId;
use latchkey::spool::Spool;
use latchkey::spool::SpoolConfig;
use latchkey::spool::record::CompletionRecord;
use latchkey::spool::record::DecisionRecord;
use latchkey::spool::record::Record;
use latchkey::workers::log_shipper::LogShipper;

use crate::support::clock::TestClock;
use crate::support::db::TestDb;

const NOW: &str = "2026-11-21T10:00:00Z";
const KEPT: KeptDays = KeptDays::of_installation(90);

/// Two accounts with a key each; the first key has two secrets.
const FIXTURE: &str = "
    insert into accounts (public_id, domain, customer_id, name, plan, created_at) values
        ('a1', 'acme', 'acme-1', 'Acme', 'standard', now()),
        ('a2', 'other', 'other-1', 'Other', 'standard', now());
    insert into workspaces (account_id, public_id, slug, name, created_at) values
        (1, 'w1', 'default', 'Default', now()), (2, 'w2', 'default', 'Default', now());
    insert into users (id, email, email_folded, name, created_at) values
        ('00000000-0000-4000-8000-000000000001', 'a@b.c', 'a@b.c', 'A', now());
    insert into api_keys (account_id, id, workspace_id, name, name_folded, category, preset,
                          preset_version, created_by, created_at, operation)
    select account, id, account, name, name, 'production', 'full', 1,
           '00000000-0000-4000-8000-000000000001', now(), gen_random_uuid()
      from (values (1, 'aaaaaaaaaaaa', 'blog ingest'), (2, 'bbbbbbbbbbbb', 'shop'))
           as key (account, id, name);
    insert into key_secrets (account_id, key_id, generation, digest, pepper_version, last_four, created_at)
    select account, id, generation, sha256((id || generation)::bytea), 1, 'c91d', now()
      from (values (1, 'aaaaaaaaaaaa', 1), (1, 'aaaaaaaaaaaa', 2), (2, 'bbbbbbbbbbbb', 1))
           as secret (account, id, generation);";

/// A database with keys, a spool, and the shipper between them.
struct LogPath {
    test_db: TestDb,
    directory: tempfile::TempDir,
    clock: TestClock,
    spool: Spool,
}

impl LogPath {
    fn new() -> Self {
        Self::with_segments_of(latchkey::spool::SEGMENT_BYTES)
    }

    fn with_segments_of(segment_bytes: u64) -> Self {
        let test_db = TestDb::new();
        test_db.execute(FIXTURE);
        let directory = tempfile::tempdir().unwrap();
        let clock = TestClock::at(NOW);
        let config = SpoolConfig {
            segment_bytes,
            ..SpoolConfig::new(directory.path())
        };
        let spool = Spool::open(&config, Arc::new(clock.clone()), &OsRandom).unwrap();
        Self {
            test_db,
            directory,
            clock,
            spool,
        }
    }

    fn shipper(&self) -> LogShipper {
        self.shipper_of(&self.spool)
    }

    fn shipper_of(&self, spool: &Spool) -> LogShipper {
        let clock = Arc::new(self.clock.clone());
        LogShipper::new(self.test_db.db(), spool.clone(), clock, KEPT)
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn append(&self, record: &Record<'_>) {
        self.spool.append_blocking(record).unwrap();
    }

    /// The one number that `sql` asks for.
    fn number(&self, sql: &str) -> i64 {
        #[derive(diesel::QueryableByName)]
        struct Number {
            #[diesel(sql_type = BigInt)]
            number: i64,
        }
        let sql = format!("select ({sql})::bigint as number");
        let found: Number = diesel::sql_query(sql)
            .get_result(&mut self.test_db.connection())
            .unwrap();
        found.number
    }

    /// The one text that `sql` asks for; "null" for none.
    fn text(&self, sql: &str) -> String {
        #[derive(diesel::QueryableByName)]
        struct Line {
            #[diesel(sql_type = Text)]
            text: String,
        }
        let sql = format!("select coalesce(({sql})::text, 'null') as text");
        let found: Line = diesel::sql_query(sql)
            .get_result(&mut self.test_db.connection())
            .unwrap();
        found.text
    }

    fn rows(&self) -> i64 {
        self.number("select count(*) from request_log")
    }
}

/// An allowed request of the first account's key.
fn allowed(at: DateTime<Utc>) -> DecisionRecord<'static> {
    DecisionRecord {
        at,
        request_id: RequestId::generate(at, &OsRandom).unwrap(),
        account: AccountId(1),
        workspace: WorkspaceId(1),
        key: "aaaaaaaaaaaa".parse().unwrap(),
        generation: 1,
        surface: Surface::Verify,
        method: Some(Method::Post),
        path: Cow::Borrowed("/v1/documents"),
        agent: Cow::Borrowed("curl/8.5.0"),
        ip: Some("203.0.113.9".parse().unwrap()),
        denied: None,
        detail: Cow::Borrowed(""),
        status: Some(200),
        duration_us: Some(12),
        credits: 1,
        meters: Vec::new(),
    }
}

/// As the gateway writes it before it asks the upstream.
fn waiting(at: DateTime<Utc>) -> DecisionRecord<'static> {
    DecisionRecord {
        surface: Surface::Gateway,
        status: None,
        duration_us: None,
        ..allowed(at)
    }
}

fn completion_of(decision: &DecisionRecord<'_>, status: u16, credits: u32) -> Record<'static> {
    Record::Completion(CompletionRecord {
        at: decision.at,
        request_id: decision.request_id,
        account: decision.account,
        workspace: decision.workspace,
        key: decision.key,
        status,
        duration_us: 1_500,
        credits,
        meters: Vec::new(),
    })
}

fn seconds(count: i64) -> TimeDelta {
    TimeDelta::seconds(count)
}
