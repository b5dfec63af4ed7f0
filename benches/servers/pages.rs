//! What the pages of keys ask the database, again and again while something else goes on.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::PgConnection;
use latchkey::db::api_keys;
use latchkey::db::api_keys::KeyFilter;
use latchkey::db::api_keys::KeyList;
use latchkey::db::api_keys::KeySort;
use latchkey::db::api_keys::Place;
use latchkey::db::request_log;
use latchkey::db::request_log::Direction;
use latchkey::db::request_log::LogFilter;
use latchkey::db::request_log::LogQuery;
use latchkey::db::usage;
use latchkey::domain::account::AccountId;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::clock::SharedClock;

use super::fault;
use super::node;

const PAUSE: Duration = Duration::from_millis(50);
/// Of what was asked before, so many count: those before them found the machine idle.
const BEFORE: usize = 100;
const ROWS: u16 = 50;
const TIME_BOX: Duration = Duration::from_secs(2);
const ACCOUNT: AccountId = AccountId(1);
const WORKSPACE: WorkspaceId = WorkspaceId(1);

#[derive(Clone, Copy)]
struct Asked {
    begun: Instant,
    list: Duration,
    key: Duration,
}

#[derive(Clone, Default)]
pub struct Pages(Arc<Mutex<Vec<Asked>>>);

impl Pages {
    /// Asks until the process ends.
    pub fn ask_of(url: &str, key: ApiKeyId, clock: SharedClock) -> std::io::Result<Self> {
        let mut conn = node::connect(url)?;
        let pages = Self::default();
        let asked = pages.clone();
        thread::spawn(move || -> std::io::Result<()> {
            loop {
                let begun = Instant::now();
                list(&mut conn, clock.now())?;
                let list = begun.elapsed();
                let turned = Instant::now();
                of_key(&mut conn, key, clock.now())?;
                let key = turned.elapsed();
                let one = Asked { begun, list, key };
                asked
                    .0
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(one);
                thread::sleep(PAUSE);
            }
        });
        Ok(pages)
    }

    /// Milliseconds in the middle: of the list before `time` and since, of a key's page before and since.
    pub fn around(&self, time: Instant) -> [f64; 4] {
        let asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (before, since): (Vec<Asked>, Vec<Asked>) =
            asked.iter().copied().partition(|one| one.begun < time);
        let before = &before[before.len().saturating_sub(BEFORE)..];
        [
            middle(before, |one| one.list),
            middle(&since, |one| one.list),
            middle(before, |one| one.key),
            middle(&since, |one| one.key),
        ]
    }
}

fn middle(asked: &[Asked], of: fn(&Asked) -> Duration) -> f64 {
    let mut took: Vec<Duration> = asked.iter().map(of).collect();
    took.sort_unstable();
    let middle = took.get(took.len() / 2);
    middle.map_or(f64::NAN, |took| took.as_secs_f64() * 1_000.0)
}

fn list(conn: &mut PgConnection, now: DateTime<Utc>) -> std::io::Result<()> {
    let sort = KeySort::default();
    let list = KeyList {
        account_id: ACCOUNT,
        workspace_id: WORKSPACE,
        filter: KeyFilter::default(),
        sort,
        descending: sort.is_descending_at_first(),
        place: Place::Start,
        limit: ROWS,
    };
    api_keys::survey(conn, (ACCOUNT, WORKSPACE), &list.filter, now).map_err(fault)?;
    let page = api_keys::list_for(conn, &list, now).map_err(fault)?;
    if page.keys.len() == usize::from(ROWS) {
        Ok(())
    } else {
        Err(fault("the list is short"))
    }
}

fn of_key(conn: &mut PgConnection, key: ApiKeyId, now: DateTime<Utc>) -> std::io::Result<()> {
    api_keys::find(conn, ACCOUNT, WORKSPACE, key).map_err(fault)?;
    usage::of_key(conn, ACCOUNT, key, now).map_err(fault)?;
    let query = LogQuery {
        account: ACCOUNT,
        workspaces: vec![WORKSPACE],
        from: now - TimeDelta::days(7),
        to: now,
        filter: LogFilter {
            keys: vec![key],
            ..LogFilter::default()
        },
        direction: Direction::Newest,
        limit: ROWS,
    };
    request_log::search(conn, &query, TIME_BOX).map_err(fault)?;
    Ok(())
}
