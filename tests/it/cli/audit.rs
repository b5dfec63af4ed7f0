//! What somebody with the database in hand does to the audit log is found by `latchkey audit verify`.

mod erased;

use std::path::Path;

use chrono::DateTime;
use latchkey::db::Db;
use latchkey::db::audit_log;
use latchkey::db::audit_log::AuditEntry;
use latchkey::db::audit_log::Target;
use latchkey::domain::account::AccountId;
use latchkey::domain::actor::Actor;
use latchkey::domain::audit::Action;
use latchkey::workers::audit_heads::AuditHeads;
use latchkey::workers::audit_heads::HeadsFile;

use crate::support::db::TestDb;
use crate::support::nodes::installation_on;
use crate::support::process::Installation;
use crate::support::rows::text;

/// What the database refuses while its triggers are on.
const BY_FORCE: &str = "set session_replication_role = replica;";

/// A log of ten rows of an account, and six of the operator's: the first catalogue is one.
struct Log {
    db: TestDb,
    installation: Installation,
    account: i32,
}

impl Log {
    async fn written() -> Self {
        let db = TestDb::new();
        db.execute(
            "insert into accounts (public_id, domain, customer_id, name, plan, created_at)
             values ('acc_000000000001', 'acme', 'acme', 'Acme', 'standard', '2026-11-01')",
        );
        let account = text(&db, "select id::text as line from accounts");
        let account = account.parse().unwrap();
        let installation = installation_on(&db.url());
        std::fs::create_dir_all(installation.data_dir()).unwrap();
        let log = Self {
            db,
            installation,
            account,
        };
        log.write(Some(account), 10);
        log.write(None, 5);
        log.look().await;
        log
    }

    fn write(&self, account: Option<i32>, rows: usize) {
        let now = DateTime::from_timestamp(1_763_700_000, 123_456_000).unwrap();
        for number in 0..rows {
            let label = format!("Blog “{number}”");
            let target = Target {
                kind: "key",
                id: "0123456789ab",
                label: &label,
            };
            let entry = AuditEntry::new(Action::KeyUpdated, target)
                .in_account(account.map(AccountId))
                .after(serde_json::json!({"note": "a\u{e9}\n", "limit": 2.5}));
            let actor = Actor::system("a test");
            let write = |conn: &mut _| audit_log::insert(conn, &actor, now, &entry);
            self.db().run_blocking(write).unwrap();
        }
    }

    fn db(&self) -> Db {
        self.db.db()
    }

    /// As a node does every half minute.
    async fn look(&self) {
        let file = HeadsFile::in_dir(Path::new(&self.installation.data_dir()));
        AuditHeads::new(self.db(), file).run_once().await.unwrap();
    }

    fn by_force(&self, statements: &str) {
        let statements = statements.replace("ACME", &self.account.to_string());
        let mut connection = self.db.connection();
        let all = format!("{BY_FORCE} {statements}");
        diesel::connection::SimpleConnection::batch_execute(&mut connection, &all).unwrap();
    }

    fn verify(&self) -> (Option<i32>, String) {
        let output = self.installation.run(&["audit", "verify"], "");
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    }

    #[track_caller]
    fn assert_found(&self, what: &str) {
        let (code, said) = self.verify();
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(what), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_nobody_touched_is_intact() {
    let log = Log::written().await;
    let (code, said) = log.verify();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("16 rows in 2 chains: intact."), "{said}");
    assert!(said.contains("Compared with 2 heads"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_was_changed_is_found() {
    let log = Log::written().await;
    log.by_force(
        "update audit_log set actor_label = 'Mallory' where id =
             (select entry from audit_links where chain = ACME and seq = 4)",
    );
    log.assert_found("account Acme (chain 1): row 4 was changed or moved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_was_taken_out_is_found_with_its_link_and_without() {
    let log = Log::written().await;
    log.by_force(
        "delete from audit_log where id =
             (select entry from audit_links where chain = ACME and seq = 6)",
    );
    log.assert_found("account Acme (chain 1): row 6 is missing");
    log.by_force("delete from audit_links where chain = ACME and seq = 6");
    log.assert_found("account Acme (chain 1): row 6 is missing, and its link too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_rows_that_changed_places_are_found() {
    let log = Log::written().await;
    log.by_force(
        "update audit_links set entry = -entry where chain = ACME and seq in (2, 3);
         update audit_links link set entry = (select -other.entry from audit_links other
             where other.chain = ACME and other.seq = 5 - link.seq)
           where chain = ACME and seq in (2, 3)",
    );
    log.assert_found("account Acme (chain 1): row 2 was changed or moved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_was_slipped_in_is_found() {
    let log = Log::written().await;
    log.by_force(
        "insert into audit_log (account_id, at, actor_kind, actor_id, actor_label, action,
             target_kind, target_id, target_label)
         select account_id, at, actor_kind, actor_id, actor_label, action, target_kind, target_id,
             target_label from audit_log limit 1",
    );
    log.assert_found("1 rows are in the log and in no chain");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_was_cut_off_is_found_by_what_the_node_has_seen() {
    let log = Log::written().await;
    log.by_force(
        "delete from audit_log where id in
             (select entry from audit_links where chain = ACME and seq > 8);
         delete from audit_links where chain = ACME and seq > 8",
    );
    log.assert_found("account Acme (chain 1): it ends at row 8, and this machine has seen 10");
    // Nor does it help to write on until it is as long again.
    log.write(Some(log.account), 5);
    log.look().await;
    log.assert_found("account Acme (chain 1): up to row 10 it is not what this machine has seen");
    let all_of_it = "truncate audit_log, audit_links";
    log.by_force(all_of_it);
    log.assert_found("chain 0: it ends at row 0, and this machine has seen 6");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_was_written_anew_with_good_hashes_is_found_by_what_the_node_has_seen() {
    let log = Log::written().await;
    log.by_force(
        "update audit_log set actor_label = 'Mallory' where account_id = ACME;
         create temporary table good as select * from audit_links where chain = ACME;
         delete from audit_links where chain = ACME;
         set session_replication_role = origin;
         create trigger again after update on audit_log for each row
             execute function link_audit_entry();
         alter table audit_log disable trigger audit_log_erased_only;
         update audit_log set reason = reason where account_id = ACME;
         drop trigger again on audit_log;",
    );
    log.assert_found("account Acme (chain 1): up to row 10 it is not what this machine has seen");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_copy_that_was_put_back_is_found_until_somebody_says_that_it_was_meant() {
    let log = Log::written().await;
    log.db.execute("create table kept_log as table audit_log");
    log.db
        .execute("create table kept_links as table audit_links");
    log.write(Some(log.account), 3);
    log.look().await;
    log.by_force(
        "truncate audit_log, audit_links;
         insert into audit_log overriding system value select * from kept_log;
         insert into audit_links select * from kept_links",
    );
    log.assert_found("account Acme (chain 1): it ends at row 10, and this machine has seen 13");
    let accept = ["audit", "accept", "--reason", "restored after the fire"];
    let accepted = log.installation.run(&accept, "");
    assert!(accepted.status.success(), "{accepted:?}");
    let (code, said) = log.verify();
    assert_eq!(code, Some(0), "{said}");
    let reason = "select reason as line from audit_log where action = 'audit.accepted'";
    assert_eq!(text(&log.db, reason), "restored after the fire");
}

#[tokio::test]
async fn the_log_is_only_ever_added_to() {
    let log = Log::written().await;
    for statement in [
        "update audit_log set reason = 'none'",
        "delete from audit_log",
        "truncate audit_log",
        "delete from audit_links",
    ] {
        let mut connection = log.db.connection();
        let done = diesel::connection::SimpleConnection::batch_execute(&mut connection, statement);
        let refused = done.unwrap_err().to_string();
        assert!(refused.contains("only ever added to"), "{refused}");
    }
}
