//! What a load brings is what following brings: the two read the same rows in two ways.

use std::sync::Arc;
use std::time::Duration;

use latchkey::domain::account::AccountId;
use latchkey::domain::clock::SystemClock;
use latchkey::domain::limit::KeyLimits;
use latchkey::verify::entry::KeyEntry;
use latchkey::verify::mirror::Mirror;
use latchkey::workers::mirror_sync::MirrorSync;
use latchkey::workers::mirror_sync::Round;
use uuid::Uuid;

use crate::support::db::TestDb;

const ACCOUNT: &str = "
insert into accounts (public_id, domain, customer_id, name, plan, created_at)
values ('acc', 'acme', 'acme', 'Acme', 'standard', now());
insert into workspaces (account_id, public_id, slug, name, created_at)
select id, 'ws', 'default', 'Default', now() from accounts;
insert into users (id, email, email_folded, name, created_at)
values ('00000000-0000-0000-0000-000000000001', 'a@b.c', 'a@b.c', 'Ada', now()),
       ('00000000-0000-0000-0000-000000000002', 'b@b.c', 'b@b.c', 'Bob', now());
";

/// Each kind of key that there is, told by the last letters of its id.
const KEYS: &str = "
alter table key_secrets drop constraint key_secrets_digest_length;
alter table key_limits drop constraint key_limits_daily_positive;
insert into api_keys (account_id, id, workspace_id, name, name_folded, category, preset, preset_version,
                      created_by, created_at, operation)
select w.account_id, rpad(kind, 12, '0'), w.id, kind || ' é✓', kind,
       case kind when 'plain' then '' else 'production' end, 'full', 1,
       '00000000-0000-0000-0000-000000000001', now(), gen_random_uuid()
  from workspaces w,
       unnest('{plain,service,handed,custom,same,bound,ended,rotated,limited,bare,endless,short,below}'::text[]) kind;
update api_keys set service = true where id like 'service%';
update api_keys set handed_to = '00000000-0000-0000-0000-000000000002' where id like 'handed%';
update api_keys set preset = 'custom', permissions = '{documents:read,\"chats:*\"}'
 where id like 'custom%' or id like 'same%';
update api_keys set resources = '{7,eu-*}', allowed_ips = '{192.0.2.0/24,2001:db8::1/128}',
       allowed_origins = '{https://a.example}' where id like 'bound%';
update api_keys set expires_at = '2031-02-03 04:05:06.789012+00', disabled_at = '1969-12-31 23:59:59+00',
       revoked_at = '1970-01-01 00:00:00+00' where id like 'ended%';
update api_keys set expires_at = 'infinity' where id like 'endless%';
insert into key_secrets (account_id, key_id, generation, digest, pepper_version, last_four, created_at, retires_at)
select k.account_id, k.id, g, sha256((k.id || g)::bytea), 1, 'c91d', now(),
       case when g = 2 then timestamptz '2030-01-01' when g < 4 then now() end
  from api_keys k, generate_series(4, 1, -1) g
 where k.id not like 'bare%' and (g = 4 or k.id like 'rotated%');
update key_secrets set digest = '\\xab' where key_id like 'short%';
insert into key_limits (account_id, key_id, total, daily)
select account_id, id, 5, case when id like 'below%' then -1 end from api_keys
 where id like 'limited%' or id like 'below%';
";

struct Node {
    mirror: Mirror,
    sync: MirrorSync,
}

impl Node {
    fn new(db: &TestDb, number: u128) -> Self {
        let mirror = Mirror::new(Duration::from_secs(2));
        let name = (Uuid::from_u128(number), number.to_string());
        let sync = MirrorSync::new(db.db(), mirror.clone(), SystemClock::shared(), name);
        Self { mirror, sync }
    }

    async fn catch_up(&mut self) {
        while self.sync.run_once().await.unwrap() == Round::More {}
    }

    fn key(&self, name: &str) -> Option<Arc<KeyEntry>> {
        let id = format!("{name:0<12}").parse().unwrap();
        self.mirror.tables().key(id)
    }

    /// All that it knows, in words.
    fn known(&self) -> Vec<String> {
        let tables = self.mirror.tables();
        let mut ids = tables.keys().ids(|_| true);
        ids.sort();
        let keys = ids.into_iter().filter_map(|id| tables.key(id));
        let unreadable = tables.unreadable().first(99).into_iter();
        keys.map(|key| told(&key))
            .chain(unreadable.map(|(key, fault)| format!("{key}: {fault}")))
            .collect()
    }
}

fn told(key: &KeyEntry) -> String {
    let secrets = key.current.iter().chain(key.retiring.as_deref());
    let secrets: Vec<_> = secrets
        .map(|secret| {
            (
                secret.generation,
                secret.digest.as_bytes(),
                secret.retires_at,
            )
        })
        .collect();
    format!(
        "{} {:?} {:?} {:?} {} {:?} {} {} {:?} {:?} {:?} {:?} {secrets:?}",
        key.id,
        key.account,
        key.workspace,
        key.owner,
        key.name,
        key.category,
        key.preset.slug,
        key.permissions(),
        key.resources(),
        key.limits.is_some(),
        key.network,
        key.times(),
    )
}

#[tokio::test]
async fn a_node_that_loads_knows_what_a_node_that_follows_knows() {
    let db = TestDb::new();
    db.execute(ACCOUNT);
    let mut follows = Node::new(&db, 1);
    follows.catch_up().await;
    db.execute(KEYS);
    follows.catch_up().await;
    let mut loads = Node::new(&db, 2);
    loads.catch_up().await;
    let known = loads.known();
    assert_eq!(known.len(), 13, "{known:#?}");
    assert_eq!(known, follows.known());

    let person = |number| Some(Uuid::from_u128(number));
    let owner = |name| loads.key(name).unwrap().owner;
    assert_eq!(
        [owner("plain"), owner("handed"), owner("service")],
        [person(1), person(2), None]
    );
    let rotated = loads.key("rotated").unwrap();
    assert_eq!(rotated.current.as_ref().unwrap().generation.get(), 4);
    assert_eq!(rotated.retiring.as_ref().unwrap().generation.get(), 2);
    let (custom, same) = (loads.key("custom").unwrap(), loads.key("same").unwrap());
    assert_eq!(custom.permissions().to_string(), "documents:read,chats:*");
    assert!(Arc::ptr_eq(&custom.preset, &same.preset), "held once");
    for refused in ["bare", "endless", "short", "below"] {
        assert!(loads.key(refused).is_none(), "{refused}");
    }
}

#[tokio::test]
async fn what_was_granted_outlives_a_load_and_ends_with_the_limits() {
    let db = TestDb::new();
    db.execute(ACCOUNT);
    db.execute(KEYS);
    let mut node = Node::new(&db, 1);
    node.catch_up().await;
    let before = node.key("limited").unwrap().limits.clone().unwrap();
    let reload = "update api_keys set name = name || '.';
        delete from key_changes where seq < (select max(seq) from key_changes)";
    db.execute(reload);
    node.catch_up().await;
    let after = node.key("limited").unwrap().limits.clone().unwrap();
    assert!(Arc::ptr_eq(&before, &after));

    db.execute("delete from key_limits");
    db.execute(reload);
    node.catch_up().await;
    let limited = node.key("limited").unwrap();
    assert!(limited.limits.is_none());
    let limits = KeyLimits {
        total: Some(5),
        ..KeyLimits::default()
    };
    let account: AccountId = limited.account;
    let anew = node.mirror.ledger().key(account, limited.id, &limits);
    assert!(!Arc::ptr_eq(&before, &anew), "it was forgotten");
}
