//! The chart's days as a file.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::ThinData;
use futures_util::stream;

use crate::dashboard::csv;
use crate::dashboard::error::PageError;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::usage::chosen::UsageAddress;
use crate::dashboard::usage::read;
use crate::db::Db;
use crate::db::usage;
use crate::db::usage::DayUsage;
use crate::domain::clock::SharedClock;
use crate::domain::latency::Latencies;

const COLUMNS: [&str; 7] = [
    "day_utc",
    "requests",
    "succeeded",
    "failed",
    "credits",
    "p50_ms",
    "p95_ms",
];

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    db: ThinData<Db>,
    clock: ThinData<SharedClock>,
) -> Result<HttpResponse, PageError> {
    place.require_recent(&request)?;
    let now = clock.now();
    let chosen = UsageAddress::parse(request.query_string()).chosen;
    let (id, actor) = ((place.account, place.workspace.id), place.actor());
    let days = db
        .run(move |conn| {
            let (days, _) = read::days(conn, id, &chosen, now)?;
            usage::note_export(conn, &actor, now, (id, &chosen.url("")))?;
            Ok(days)
        })
        .await?;
    let mut lines = csv::Lines::new();
    let written = lines.add(COLUMNS).and_then(|()| {
        let mut days = days;
        days.sort_by_key(|day| day.day);
        days.iter().try_for_each(|day| add(day, &mut lines))?;
        lines.into_bytes()
    });
    let bytes = written.map_err(|error| PageError::Internal(error.into()))?;
    let slug = &place.workspace.slug;
    let name = format!("usage-{slug}-{}.csv", now.format("%Y-%m-%d"));
    let file = stream::iter([Ok::<_, std::convert::Infallible>(bytes)]);
    Ok(csv::download(&name, file))
}

fn add(day: &DayUsage, lines: &mut csv::Lines) -> ::csv::Result<()> {
    let numbers = [day.requests, day.succeeded(), day.failed, day.credits];
    let [requests, succeeded, failed, credits] = numbers.map(|number| number.to_string());
    let times = [50, 95].map(|percent| millis(&day.latencies, percent));
    lines.add([
        &*day.day.to_string(),
        &requests,
        &succeeded,
        &failed,
        &credits,
        &times[0],
        &times[1],
    ])
}

/// Empty where no time is known.
fn millis(latencies: &Latencies, percent: u8) -> String {
    latencies
        .percentile(percent)
        .map(|time| time.as_millis().to_string())
        .unwrap_or_default()
}
