//! What the page says of a call is what the check decides on it: for keys, calls and plans of every
//! kind, on one database.

mod cases;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use latchkey::crypto::digest::Pepper;
use latchkey::crypto::key_secret::PlainKey;
use latchkey::db::api_keys;
use latchkey::db::api_keys::NewApiKey;
use latchkey::db::limits;
use latchkey::domain::actor::Actor;
use latchkey::domain::clock::SystemClock;
use latchkey::domain::decision::DenyReason;
use latchkey::domain::grant::Grant;
use latchkey::domain::grant::Permissions;
use latchkey::domain::grant::Resources;
use latchkey::domain::key_prefix::KeyPrefix;
use latchkey::domain::lease::Subject;
use latchkey::domain::lease::Usage;
use latchkey::domain::limit::KeyLimits;
use latchkey::domain::network;
use latchkey::domain::network::Network;
use latchkey::domain::path;
use latchkey::domain::person::UserId;
use latchkey::domain::random::OsRandom;
use latchkey::domain::role::WorkspaceRole;
use latchkey::verify::Ask;
use latchkey::verify::Attempt;
use latchkey::verify::Decision;
use latchkey::verify::Origin;
use latchkey::verify::Verifier;
use latchkey::verify::mirror::Mirror;
use latchkey::workers::lease_broker::LeaseBroker;
use latchkey::workers::mirror_sync::MirrorSync;
use latchkey::workers::mirror_sync::Round;
use proptest::test_runner::TestRunner;
use tokio_util::sync::CancellationToken;

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::explain_agrees::cases::CallSpec;
use crate::dashboard::keys::explain_agrees::cases::KeySpec;
use crate::dashboard::keys::explain_agrees::cases::call;
use crate::dashboard::keys::explain_agrees::cases::key;
use crate::dashboard::keys::explain_agrees::cases::samples;
use crate::support::callers::encoded;

const KEYS_MADE: usize = 80;
const CALLS_EACH: usize = 2;

struct World {
    house: House,
    now: DateTime<Utc>,
    mirror: Mirror,
    sync: MirrorSync,
    verifier: Verifier,
    /// An owner, a developer, a viewer, and somebody who has left.
    people: Vec<UserId>,
    _stop: tokio_util::sync::DropGuard,
}

impl World {
    async fn new() -> Self {
        let house = House::new().await;
        let clock = SystemClock::shared();
        let now = clock.now();
        let db = house.app.db.db();
        let mirror = Mirror::new(Duration::from_hours(1));
        let name = (uuid::Uuid::from_u128(1), "one".to_owned());
        let sync = MirrorSync::new(db.clone(), mirror.clone(), clock.clone(), name);
        let pepper = Pepper::new(&[7; 32]).unwrap();
        let verifier = Verifier::new(mirror.clone(), KeyPrefix::default(), pepper, clock.clone());
        let broker = LeaseBroker::new(db, mirror.ledger().clone(), clock);
        let stop = CancellationToken::new();
        tokio::spawn(broker.run(stop.clone()));
        let (account, workspace) = (house.acme.account, house.acme.workspace);
        let member = |email, role| house.app.member(account, workspace, email, role);
        let people = vec![
            house.acme.owner,
            member("dev@acme.example", WorkspaceRole::Developer),
            member("viewer@acme.example", WorkspaceRole::Viewer),
            member("gone@acme.example", WorkspaceRole::Admin),
        ];
        house.execute(&format!(
            "delete from workspace_memberships where user_id = '{0}';
             delete from memberships where user_id = '{0}'",
            people[3]
        ));
        Self {
            house,
            now,
            mirror,
            sync,
            verifier,
            people,
            _stop: stop.drop_guard(),
        }
    }

    fn make(&self, number: usize, spec: &KeySpec) -> PlainKey {
        let id = latchkey::domain::api_key::ApiKeyId::generate(&OsRandom).unwrap();
        let plain = PlainKey::generate(&KeyPrefix::default(), id, &OsRandom).unwrap();
        let permissions = if spec.scope == "custom" {
            Permissions::new(["documents:read", "corpora:query"])
        } else {
            Permissions::default()
        };
        let resources = match spec.resources {
            "" => Resources::ALL,
            named => Resources::new(named.split(", ")),
        };
        let new = NewApiKey {
            account_id: self.house.acme.account,
            workspace_id: self.house.acme.workspace,
            id,
            name: format!("key {number}").parse().unwrap(),
            category: String::new(),
            note: String::new(),
            grant: Grant {
                permissions,
                resources,
                ..Grant::preset(spec.scope, 1)
            },
            limits: KeyLimits {
                daily: spec.daily.map(|(cap, _)| cap),
                total: spec.total.map(|(cap, _)| cap),
                ..KeyLimits::default()
            },
            network: Network {
                ips: network::parse_ips(spec.ips).unwrap(),
                origins: network::parse_origins(spec.origins).unwrap(),
            },
            created_by: self.people[spec.creator],
            expires_at: spec.expires.map(|days| self.now + TimeDelta::days(days)),
            operation: uuid::Uuid::new_v4(),
            digest: Pepper::new(&[7; 32]).unwrap().digest(plain.expose()),
            last_four: plain.last_four(),
        };
        let mut conn = self.house.conn();
        let made = self.now - TimeDelta::days(30);
        api_keys::insert(&mut conn, &Actor::system("test"), made, &new).unwrap();
        let day = |days: Option<i64>| {
            days.map_or("null".to_owned(), |days| {
                format!("now() + {days} * interval '1 day'")
            })
        };
        self.house.execute(&format!(
            "update api_keys set revoked_at = {}, disabled_at = {} where id = '{id}'",
            day(spec.revoked),
            day(spec.disabled)
        ));
        let used = [spec.daily, spec.total].into_iter().flatten();
        if let Some((_, amount)) = used.max_by_key(|(_, used)| *used) {
            self.use_up(Subject::Key(id), amount);
        }
        plain
    }

    fn use_up(&self, subject: Subject, amount: i64) {
        if amount == 0 {
            return;
        }
        let usage = Usage {
            account: self.house.acme.account,
            subject,
            amount,
            at: SystemClock::shared().now(),
        };
        limits::add(&mut self.house.conn(), &[usage], None).unwrap();
    }

    /// From here on the mirror knows what the database has.
    async fn catch_up(&mut self) {
        while self.sync.run_once().await.unwrap() == Round::More {}
        let clock = SystemClock::shared();
        self.mirror.lease().renew(clock.monotonic(), clock.now());
    }

    async fn told(&self, key: &PlainKey, call: &CallSpec) -> String {
        let mut query = vec![("method", call.method.as_str()), ("path", call.path)];
        query.extend(call.ip.map(|ip| ("ip", ip)));
        query.extend(call.origin.map(|origin| ("origin", origin)));
        query.extend(call.resource.map(|resource| ("resource", resource)));
        let url = format!("{KEYS}/{}/explain?{}", key.id(), encoded(&query));
        let page = self.house.owner.get(&url).await;
        assert_eq!(page.status, 200, "{}", page.text);
        page.attribute("[data-verdict]", "data-verdict")
    }

    async fn decided(&self, key: &PlainKey, call: &CallSpec) -> &'static str {
        let attempt = Attempt {
            ip: call.ip.map(|ip| ip.parse().unwrap()),
            origin: call.origin.map_or(Origin::Absent, Origin::Is),
            ask: Ask {
                permission: None,
                route: Some((call.method, call.path)),
                resource: call.resource,
            },
            credits: 1,
            fault: path::is_ambiguous(call.path).then_some(DenyReason::AmbiguousPath),
            ..Attempt::of(key.expose())
        };
        match self.verifier.decide(&attempt).await.unwrap() {
            Decision::Allow(_) => "VALID",
            Decision::Deny(denial) => denial.reason.code(),
        }
    }
}

#[tokio::test]
async fn the_page_and_the_check_agree_on_every_call() {
    let mut world = World::new().await;
    let mut runner = TestRunner::deterministic();
    let specs = samples(&key(), &mut runner, KEYS_MADE);
    let keys: Vec<_> = specs
        .iter()
        .enumerate()
        .map(|(number, spec)| (world.make(number, spec), spec))
        .collect();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let plans = [
        ("", None),
        (
            "insert into plan_meters (plan, meter, amount)
             select 'standard', slug, 9 from meters where slug = 'imports'
             on conflict on constraint plan_meters_pkey do update set amount = 9;",
            Some((Subject::Meter("imports".into()), 9)),
        ),
        (
            "update plans set per_minute = 50000;",
            Some((Subject::Rate, 50_000)),
        ),
        ("update accounts set suspended_at = now();", None),
    ];
    for (sql, used) in plans {
        // What plans cap is news together with the catalogue.
        world.house.execute(&format!(
            "{sql} insert into key_changes (kind, subject) values ('catalogue', '1');"
        ));
        if let Some((subject, amount)) = used {
            world.use_up(subject, amount);
        }
        world.catch_up().await;
        for (plain, spec) in &keys {
            for call in samples(&call(), &mut runner, CALLS_EACH) {
                let told = world.told(plain, &call).await;
                let decided = world.decided(plain, &call).await;
                assert_eq!(told, decided, "{sql} {spec:?} {call:?}");
                *seen.entry(decided).or_default() += 1;
            }
        }
    }
    for code in [
        "VALID",
        "REVOKED",
        "EXPIRED",
        "DISABLED",
        "AMBIGUOUS_PATH",
        "IP_DENIED",
        "ORIGIN_DENIED",
        "INSUFFICIENT_SCOPE",
        "QUOTA_DAILY",
        "QUOTA_TOTAL",
        "PLAN_EXHAUSTED",
        "RATE_LIMITED",
        "ACCOUNT_SUSPENDED",
    ] {
        assert!(seen.contains_key(code), "{code} is not among {seen:?}");
    }
}
