//! The mirror follows the database, and stops vouching without it.

use std::time::Duration;

use diesel::Connection;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use latchkey::db::nodes;
use latchkey::db::nodes::NodeRow;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::clock::SharedClock;
use latchkey::domain::clock::SystemClock;
use latchkey::verify::mirror::Mirror;
use latchkey::workers::mirror_sync::MirrorSync;
use latchkey::workers::mirror_sync::Round;
use uuid::Uuid;

use crate::support::db::TestDb;

const KEY: &str = "4fZk0QpL9aBc";

/// An account, a workspace, a person and a key with one secret.
const ROWS: &str = "
insert into accounts (public_id, domain, customer_id, name, plan, created_at)
values ('acc', 'acme', 'acme', 'Acme', 'standard', now());
insert into workspaces (account_id, public_id, slug, name, created_at)
select id, 'ws', 'default', 'Default', now() from accounts;
insert into users (id, email, email_folded, name, created_at)
values (gen_random_uuid(), 'a@b.c', 'a@b.c', 'Ada', now());
insert into api_keys (account_id, id, workspace_id, name, name_folded, category, preset,
                      preset_version, created_by, created_at, operation)
select w.account_id, '4fZk0QpL9aBc', w.id, 'blog', 'blog', 'production', 'full', 1, u.id, now(),
       gen_random_uuid()
  from workspaces w, users u;
insert into key_secrets (account_id, key_id, generation, digest, pepper_version, last_four, created_at)
select account_id, id, 1, decode(repeat('ab', 32), 'hex'), 1, 'c91d', now() from api_keys;
";

struct Node {
    db: TestDb,
    mirror: Mirror,
    sync: MirrorSync,
    clock: SharedClock,
}

impl Node {
    fn new() -> Self {
        let db = TestDb::new();
        let clock = SystemClock::shared();
        let mirror = Mirror::new(Duration::from_secs(2));
        let name = (Uuid::from_u128(1), "one".to_owned());
        let sync = MirrorSync::new(db.db(), mirror.clone(), clock.clone(), name);
        Self {
            db,
            mirror,
            sync,
            clock,
        }
    }

    /// Looks for news until there is no more.
    async fn catch_up(&mut self) {
        while self.sync.run_once().await.unwrap() == Round::More {}
    }

    fn knows(&self) -> Option<bool> {
        let id: ApiKeyId = KEY.parse().unwrap();
        self.mirror
            .tables()
            .key(id)
            .map(|key| key.ends.revoked_at.is_none())
    }

    fn unreadable(&self) -> Vec<(&'static str, &'static str)> {
        let keys = self.mirror.tables().unreadable().first(9);
        keys.into_iter()
            .map(|(key, fault)| (if key == KEY { KEY } else { "000000000000" }, fault))
            .collect()
    }

    fn vouches(&self) -> bool {
        self.mirror.lease().now(self.clock.monotonic()).is_some()
    }
}

#[tokio::test]
async fn keys_made_before_and_after_the_load_are_known() {
    let mut node = Node::new();
    assert!(!node.vouches());
    node.catch_up().await;
    assert!(node.vouches());
    assert_eq!(node.knows(), None);

    node.db.execute(ROWS);
    node.catch_up().await;
    assert_eq!(node.knows(), Some(true));

    let mut later = MirrorSync::new(
        node.db.db(),
        node.mirror.clone(),
        node.clock.clone(),
        (Uuid::from_u128(2), "two".to_owned()),
    );
    assert_eq!(later.run_once().await.unwrap(), Round::Current);
    assert_eq!(node.knows(), Some(true));
}

#[tokio::test]
async fn a_revoked_key_and_a_deleted_key_are_news() {
    let mut node = Node::new();
    node.db.execute(ROWS);
    node.catch_up().await;
    node.db.execute("update api_keys set revoked_at = now()");
    node.catch_up().await;
    assert_eq!(node.knows(), Some(false));
    node.db.execute("delete from api_keys");
    node.catch_up().await;
    assert_eq!(node.knows(), None);
}

#[tokio::test]
async fn use_of_a_key_is_no_news() {
    let mut node = Node::new();
    node.db.execute(ROWS);
    let changes = "select count(*) from key_changes";
    let before: i64 = count(&node.db, changes);
    node.db
        .execute("update api_keys set last_used_at = now(), last_used_ip = '192.0.2.1'");
    node.db
        .execute("update key_secrets set last_used_at = now(), requests = requests + 1");
    assert_eq!(count(&node.db, changes), before);
    node.catch_up().await;
}

#[tokio::test]
async fn two_changes_that_commit_in_reverse_order_are_both_applied() {
    let mut node = Node::new();
    node.db.execute(ROWS);
    node.catch_up().await;
    let url = node.db.url();
    let mut slow = PgConnection::establish(&url).unwrap();
    slow.batch_execute("begin; update api_keys set revoked_at = now()")
        .unwrap();
    // The second writer has to wait for its number until the first has committed.
    let other = std::thread::spawn(move || {
        let mut fast = PgConnection::establish(&url).unwrap();
        fast.batch_execute("update accounts set name = 'Acme Two', suspended_at = now()")
            .unwrap();
    });
    wait_until(|| {
        count(
            &node.db,
            "select count(*) from pg_locks where locktype = 'advisory' and not granted",
        ) == 1
    });
    node.catch_up().await;
    assert_eq!(node.knows(), Some(true));
    slow.batch_execute("commit").unwrap();
    other.join().unwrap();
    node.catch_up().await;
    assert_eq!(node.knows(), Some(false));
    let key = node.mirror.tables().key(KEY.parse().unwrap()).unwrap();
    assert!(node.mirror.tables().account(key.account).unwrap().suspended);
}

#[tokio::test]
async fn a_node_that_missed_pruned_changes_loads_everything_anew() {
    let mut node = Node::new();
    node.catch_up().await;
    node.db.execute(ROWS);
    node.db
        .execute("delete from key_changes where seq < (select max(seq) from key_changes)");
    node.catch_up().await;
    assert_eq!(node.knows(), Some(true));
}

#[tokio::test]
async fn a_node_that_was_removed_registers_again_before_it_vouches() {
    let mut node = Node::new();
    node.catch_up().await;
    node.db.execute("delete from nodes");
    assert_eq!(node.sync.run_once().await.unwrap(), Round::More);
    assert_eq!(count(&node.db, "select count(*) from nodes"), 1);
    assert_eq!(node.sync.run_once().await.unwrap(), Round::Current);
}

#[tokio::test]
async fn a_key_that_cannot_be_read_is_refused_and_the_others_are_served() {
    let mut node = Node::new();
    node.db.execute(ROWS);
    node.db.execute(
        "insert into api_keys select account_id, '000000000000', workspace_id, 'other', 'other', category, note,
         preset, preset_version, created_by, created_at, null, null, null, null, null, null, gen_random_uuid()
         from api_keys",
    );
    node.catch_up().await;
    assert_eq!(node.knows(), Some(true));
    assert!(
        node.mirror
            .tables()
            .key("000000000000".parse().unwrap())
            .is_none()
    );
    assert_eq!(node.unreadable(), [("000000000000", "it has no secret")]);
}

#[tokio::test]
async fn a_row_that_turns_bad_disables_its_key_until_it_is_good_again() {
    let mut node = Node::new();
    node.db.execute(ROWS);
    node.catch_up().await;
    node.db
        .execute("alter table key_secrets drop constraint key_secrets_digest_length");
    for (bad, fault, good) in [
        (
            "update api_keys set expires_at = 'infinity'",
            "its expiry is out of range",
            "update api_keys set expires_at = null",
        ),
        (
            "update key_secrets set digest = '\\xab'",
            "its digest is not 32 bytes",
            "update key_secrets set digest = decode(repeat('ab', 32), 'hex')",
        ),
    ] {
        node.db.execute(bad);
        node.catch_up().await;
        assert_eq!(node.knows(), None, "{bad}");
        assert_eq!(node.unreadable(), [(KEY, fault)]);
        assert!(node.vouches());
        // A node that starts now finds it in its first load.
        let mirror = Mirror::new(Duration::from_secs(2));
        let name = (Uuid::from_u128(2), "two".to_owned());
        let mut fresh = MirrorSync::new(node.db.db(), mirror.clone(), node.clock.clone(), name);
        assert_eq!(fresh.run_once().await.unwrap(), Round::Current);
        assert_eq!(mirror.tables().unreadable().count(), 1);
        let told = "select sum(unreadable)::bigint as count from nodes";
        node.catch_up().await;
        assert_eq!(count(&node.db, told), 2, "both say so");

        node.db.execute(good);
        node.catch_up().await;
        assert_eq!(node.knows(), Some(true), "{good}");
        assert!(node.unreadable().is_empty());
    }
}

#[tokio::test]
async fn a_node_that_loads_is_not_waited_for() {
    let mut node = Node::new();
    node.db.execute(ROWS);
    let row = NodeRow {
        id: Uuid::from_u128(2),
        name: "two".to_owned(),
        version: "1".to_owned(),
        started_at: node.clock.now(),
        applied_seq: 0,
        lease_ms: 2_000,
    };
    nodes::register_loading(&mut node.db.connection(), &row).unwrap();
    node.catch_up().await;
    let progress = nodes::progress(&mut node.db.connection(), 1).unwrap();
    assert_eq!(progress.applied, ["one"]);
    assert!(progress.pending.is_empty(), "{progress:?}");
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

fn count(db: &TestDb, sql: &str) -> i64 {
    use diesel::RunQueryDsl;
    diesel::sql_query(sql)
        .get_result::<Count>(&mut db.connection())
        .unwrap()
        .count
}

fn wait_until(mut holds: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + Duration::from_mins(1);
    while !holds() {
        assert!(std::time::Instant::now() < deadline, "it never holds");
        std::thread::yield_now();
    }
}
