//! Decisions alone, at a moment that does not pass, so that their instructions can be counted. The
//! units that they spend are granted by hand.

use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use latchkey::crypto::digest::Pepper;
use latchkey::crypto::key_secret::PlainKey;
use latchkey::domain::account::AccountId;
use latchkey::domain::account::ErrorProfile;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::catalogue::BUILT_IN;
use latchkey::domain::catalogue::Catalogue;
use latchkey::domain::clock::Clock;
use latchkey::domain::endpoint::Method;
use latchkey::domain::grant::Permissions;
use latchkey::domain::key_prefix::KeyPrefix;
use latchkey::domain::lease::Charge;
use latchkey::domain::lease::Grant;
use latchkey::domain::limit::KeyLimits;
use latchkey::domain::plan::Plan;
use latchkey::domain::random::OsRandom;
use latchkey::verify::Ask;
use latchkey::verify::Attempt;
use latchkey::verify::Decision;
use latchkey::verify::Verifier;
use latchkey::verify::entry::AccountEntry;
use latchkey::verify::entry::KeyEnds;
use latchkey::verify::entry::KeyEntry;
use latchkey::verify::entry::PresetEntry;
use latchkey::verify::entry::SecretEntry;
use latchkey::verify::entry::WorkspaceEntry;
use latchkey::verify::mirror::Mirror;

use super::fault;

const ACCOUNT: AccountId = AccountId(1);
const WORKSPACE: WorkspaceId = WorkspaceId(1);
const LONG: Duration = Duration::from_hours(1);
const QUESTIONS_MAX: usize = 100;

struct Still;

impl Clock for Still {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn monotonic(&self) -> Duration {
        LONG
    }
}

pub async fn decide(times: usize) -> std::io::Result<()> {
    let mirror = Mirror::new(LONG);
    mirror.lease().renew(LONG, DateTime::UNIX_EPOCH);
    let pepper = Pepper::new(&[7; 32]).map_err(fault)?;
    let id = ApiKeyId::generate(&OsRandom).map_err(fault)?;
    let key = PlainKey::generate(&KeyPrefix::default(), id, &OsRandom).map_err(fault)?;
    fill(&mirror, &pepper, &key)?;
    tokio::spawn(grant(mirror.clone()));
    let verifier = Verifier::new(mirror, KeyPrefix::default(), pepper, Arc::new(Still));
    let attempt = Attempt {
        ask: Ask {
            route: Some((Method::Post, "/v1/documents")),
            ..Ask::default()
        },
        credits: 1,
        ..Attempt::of(key.expose())
    };
    for _ in 0..times {
        match verifier.decide(&attempt).await {
            Ok(Decision::Allow(_)) => {}
            _ => return Err(fault("the decision is another")),
        }
    }
    Ok(())
}

/// More than will ever be spent, for whatever is asked.
async fn grant(mirror: Mirror) {
    let ledger = mirror.ledger().clone();
    loop {
        ledger.queued().await;
        let questions = ledger.questions(QUESTIONS_MAX, LONG);
        let grant = Grant {
            amount: u64::from(u32::MAX),
            charge: Charge {
                bin: DateTime::UNIX_EPOCH,
                spans: 0,
            },
            ends_in: TimeDelta::hours(1),
            states: [None; _],
        };
        let grants = vec![grant; questions.len()];
        ledger.answer(&questions, &grants, LONG, LONG);
    }
}

fn fill(mirror: &Mirror, pepper: &Pepper, key: &PlainKey) -> std::io::Result<()> {
    let tables = mirror.tables();
    tables.put_catalogue(Catalogue::parse(1, BUILT_IN).map_err(fault)?);
    mirror.ledger().set_plans(vec![Plan {
        slug: "standard".to_owned(),
        name: "Standard".to_owned(),
        per_second: Some(1_000_000),
        per_minute: Some(60_000_000),
        meters: ["credits", "requests", "uploads"]
            .map(|meter| (meter.to_owned(), u64::MAX))
            .to_vec(),
    }]);
    tables.put_account(AccountEntry {
        id: ACCOUNT,
        public_id: "acc_4fZk0QpL9aBc".into(),
        domain: "acme".into(),
        customer_id: "acme-1".into(),
        suspended: false,
        plan: "standard".into(),
        profile: ErrorProfile::Documented,
        refused_credentials: Vec::new(),
    });
    tables.put_workspace(WorkspaceEntry {
        id: WORKSPACE,
        public_id: "wsp_4fZk0QpL9aBc".into(),
        slug: "default".into(),
    });
    let limits = KeyLimits {
        daily: Some(1_000_000_000),
        ..KeyLimits::default()
    };
    tables.put_key(KeyEntry {
        id: key.id(),
        account: ACCOUNT,
        workspace: WORKSPACE,
        owner: Some(uuid::Uuid::nil()),
        name: "ingest".into(),
        category: "production".into(),
        preset: Arc::new(PresetEntry {
            slug: "index".into(),
            permissions: Permissions::new(["corpus:index", "documents:write", "documents:import"]),
        }),
        resources: None,
        limits: Some(mirror.ledger().key(ACCOUNT, key.id(), &limits)),
        network: None,
        ends: KeyEnds::default(),
        current: Some(SecretEntry {
            generation: NonZero::new(1).ok_or_else(|| fault("1 is not 0"))?,
            digest: pepper.digest(key.expose()),
            retires_at: None,
        }),
        retiring: None,
    });
    Ok(())
}
