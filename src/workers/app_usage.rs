//! Counts app usage: each event once, in the rollups and against the plan, in one transaction.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::Datelike;
use chrono::Utc;
use diesel::Connection;
use diesel::PgConnection;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::db::Db;
use crate::db::DbError;
use crate::db::limits;
use crate::db::meter_usage;
use crate::db::meter_usage::MeterDay;
use crate::db::meter_usage::NO_WORKSPACE;
use crate::db::meters;
use crate::db::usage_events;
use crate::db::usage_places;
use crate::db::usage_places::Found;
use crate::db::usage_places::Place;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::clock::SharedClock;
use crate::domain::lease::Subject;
use crate::domain::lease::Usage;
use crate::domain::meter::MeterSource;
use crate::domain::plan::MeterKind;
use crate::verify::app_usage::AppUsage;
use crate::verify::app_usage::AppUsageAnswer;
use crate::verify::app_usage::AppUsageBatch;
use crate::verify::app_usage::ItemFault;
use crate::verify::app_usage::Unknown;

pub struct AppUsageCounter {
    db: Db,
    clock: SharedClock,
    batches: mpsc::Receiver<AppUsageBatch>,
}

impl AppUsageCounter {
    pub fn new(db: Db, clock: SharedClock, batches: mpsc::Receiver<AppUsageBatch>) -> Self {
        Self { db, clock, batches }
    }

    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            let batch = tokio::select! {
                () = stop.cancelled() => return,
                batch = self.batches.recv() => batch,
            };
            let Some(AppUsageBatch { usage, answer }) = batch else {
                return;
            };
            if answer.is_closed() {
                // Nobody waits any more: it will be sent again.
                continue;
            }
            let now = self.clock.now();
            let counted = self.db.run(move |conn| count(conn, &usage, now)).await;
            let counted = counted.unwrap_or_else(|error| {
                tracing::warn!(%error, "app usage could not be counted; its sender comes again");
                AppUsageAnswer::Unavailable
            });
            let _gone = answer.send(counted);
        }
    }
}

/// All of `usage`, or nothing.
pub fn count(
    conn: &mut PgConnection,
    usage: &[AppUsage],
    now: DateTime<Utc>,
) -> Result<AppUsageAnswer, DbError> {
    let kinds = meters::kinds(conn)?;
    let named: Vec<Place<'_>> = usage.iter().map(place).collect();
    let places = usage_places::find(conn, &named)?;
    let faults = faults(usage, &kinds, &places);
    if !faults.is_empty() {
        return Ok(AppUsageAnswer::Faulty(faults));
    }
    let mut unknown = Vec::new();
    let mut known: BTreeMap<(AccountId, &str), (WorkspaceId, &AppUsage)> = BTreeMap::new();
    let mut repeated = 0;
    for (item, (event, found)) in usage.iter().zip(&places).enumerate() {
        let field = match found {
            Found::Place(account, workspace) => {
                let workspace = workspace.unwrap_or(WorkspaceId(NO_WORKSPACE));
                let name = (*account, event.event_id.as_str());
                // The first of its name counts.
                let before = known.len();
                known.entry(name).or_insert((workspace, event));
                repeated += usize::from(known.len() == before);
                continue;
            }
            Found::NoAccount | Found::TwoAccounts => "account",
            Found::NoWorkspace => "workspace",
        };
        unknown.push(Unknown { item, field });
    }
    let accepted = conn.transaction(|conn| store(conn, &known, now))?;
    Ok(AppUsageAnswer::Taken {
        accepted,
        repeated: repeated + known.len() - accepted,
        unknown,
    })
}

fn place(event: &AppUsage) -> Place<'_> {
    Place {
        account: &event.account,
        workspace: event.workspace.as_deref(),
    }
}

fn faults(
    usage: &[AppUsage],
    kinds: &BTreeMap<String, MeterKind>,
    places: &[Found],
) -> Vec<ItemFault> {
    let fault = |(item, (event, found)): (usize, (&AppUsage, &Found))| {
        let (field, rule) = match kinds.get(&event.meter) {
            None => ("meter", "must be a meter of the catalogue"),
            Some(MeterKind::Period) if event.amount < 0 => {
                ("amount", "must be 0 or more, for only a level can fall")
            }
            Some(_) if *found == Found::TwoAccounts => (
                "account",
                "is the domain of one account and the customer id of another: send the account's id",
            ),
            Some(_) => return None,
        };
        Some(ItemFault { item, field, rule })
    };
    let each = usage.iter().zip(places).enumerate();
    each.filter_map(fault).collect()
}

type Known<'a> = BTreeMap<(AccountId, &'a str), (WorkspaceId, &'a AppUsage)>;

/// Counts those of `known` that are new, and tells how many they are. Events first, rollups next,
/// counters last: as everybody who touches more than one of these.
fn store(conn: &mut PgConnection, known: &Known<'_>, now: DateTime<Utc>) -> Result<usize, DbError> {
    let names: Vec<(AccountId, &str)> = known.keys().copied().collect();
    let new = usage_events::note(conn, &names, now)?;
    let mut days: BTreeMap<MeterDay, i64> = BTreeMap::new();
    let mut months: BTreeMap<_, Usage> = BTreeMap::new();
    for (account, event_id) in &new {
        let Some((workspace, event)) = known.get(&(*account, event_id.as_str())) else {
            continue;
        };
        // The caller's clock may be ahead of ours.
        let at = event.at.min(now);
        let day = MeterDay {
            account: *account,
            meter: event.meter.clone().into(),
            day: at.date_naive(),
            workspace: *workspace,
        };
        *days.entry(day).or_default() += event.amount;
        let month = (*account, event.meter.as_str(), at.year(), at.month());
        let usage = months.entry(month).or_insert_with(|| Usage {
            account: *account,
            subject: Subject::Meter(event.meter.as_str().into()),
            amount: 0,
            at,
        });
        usage.amount += event.amount;
    }
    meter_usage::add(conn, MeterSource::App, &days)?;
    let months: Vec<Usage> = months.into_values().collect();
    limits::add(conn, &months, None)?;
    Ok(new.len())
}
