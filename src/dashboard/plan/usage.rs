//! `/account/usage`: the plan, and where it went.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Days;
use chrono::NaiveTime;
use chrono::Utc;
use diesel::PgConnection;

use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::plan::meter_line::MeterLine;
use crate::dashboard::plan::meter_line::Unit;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::support::summary;
use crate::dashboard::support::summary::OfPlan;
use crate::dashboard::support::summary::Summary;
use crate::dashboard::support::visit::Visit;
use crate::db::Db;
use crate::db::DbError;
use crate::db::plan_usage;
use crate::db::plan_usage::PlaceUse;
use crate::db::plan_usage::PlanUsage;
use crate::domain::account::AccountId;
use crate::domain::clock::SharedClock;

#[derive(Template)]
#[template(path = "plan/usage.html")]
struct UsagePage {
    page: PageContext,
    plan: String,
    rates: [(&'static str, String); 2],
    lines: Vec<MeterLine>,
    /// Of each meter that was used: where.
    tables: Vec<PlaceTable>,
    begins: Moment,
    ends: Moment,
    /// What support staff put into a ticket.
    summary: Option<Summary>,
}

struct PlaceTable {
    slug: String,
    label: String,
    is_level: bool,
    rows: Vec<PlaceRow>,
    total: PlaceRow,
    /// What is counted and belongs to no workspace yet.
    set_aside: Option<String>,
}

struct PlaceRow {
    name: String,
    api: String,
    app: String,
    both: String,
    /// Of the whole account's.
    share: String,
}

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    db: ThinData<Db>,
    clock: ThinData<SharedClock>,
) -> Result<HttpResponse, PageError> {
    let membership = person.membership()?;
    let (account, now) = (membership.account, clock.now());
    let (usage, places) = db.run(move |conn| read(conn, account, now)).await?;
    let page = person.page_outside(Section::PlanUsage)?;
    let mut page = UsagePage::new(page, usage, &places, now);
    page.summary = person.visit().map(|visit| page.summarised(visit, now));
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

fn read(
    conn: &mut PgConnection,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<(PlanUsage, Vec<PlaceUse>), DbError> {
    let usage = plan_usage::of_account(conn, account, now)?;
    Ok((usage, plan_usage::by_place(conn, account, now)?))
}

impl UsagePage {
    fn new(page: PageContext, usage: PlanUsage, places: &[PlaceUse], now: DateTime<Utc>) -> Self {
        let rate = |cap: Option<i64>| cap.map_or_else(|| "Unlimited".to_owned(), number::grouped);
        let lines: Vec<MeterLine> = usage
            .meters
            .into_iter()
            .map(|meter| MeterLine::new(meter, now))
            .collect();
        let tables = lines
            .iter()
            .filter_map(|line| PlaceTable::new(line, places))
            .collect();
        let at = |day: chrono::NaiveDate| Moment::new(day.and_time(NaiveTime::MIN).and_utc(), now);
        let first = plan_usage::first_of_month(now);
        let last = first + chrono::Months::new(1) - Days::new(1);
        Self {
            page,
            plan: usage.name,
            rates: [
                ("Requests per second", rate(usage.per_second)),
                ("Requests per minute", rate(usage.per_minute)),
            ],
            lines,
            tables,
            begins: at(first),
            ends: at(last),
            summary: None,
        }
    }

    fn summarised(&self, visit: &Visit, now: DateTime<Utc>) -> Summary {
        let places = self.tables.iter().flat_map(|table| {
            let rows = table.rows.iter();
            rows.map(|row| format!("{}, {}: {}", table.label, row.name, row.both))
        });
        let of = OfPlan {
            plan: &self.plan,
            rates: &self.rates,
            meters: self.lines.iter().map(MeterLine::sentence).collect(),
            places: places.collect(),
        };
        summary::of_plan(visit, &of, now)
    }
}

impl PlaceTable {
    /// `None` for a meter that nobody used.
    fn new(line: &MeterLine, places: &[PlaceUse]) -> Option<Self> {
        let meter = &line.usage;
        let of_meter = || places.iter().filter(|place| place.meter == meter.slug);
        let set_aside = meter.used - meter.known;
        let unit = line.unit();
        let set_aside = (meter.cap.is_some() && set_aside > 0).then(|| unit.written(set_aside));
        if of_meter().next().is_none() && set_aside.is_none() {
            return None;
        }
        let sum = |of: fn(&PlaceUse) -> i64| -> i64 { of_meter().map(of).sum() };
        let total = (sum(|place| place.api), sum(|place| place.app));
        let whole = total.0 + total.1;
        Some(Self {
            slug: meter.slug.clone(),
            label: line.label().to_owned(),
            is_level: line.is_level(),
            rows: of_meter()
                .map(|place| PlaceRow::new(name(place), unit, (place.api, place.app), whole))
                .collect(),
            total: PlaceRow::new("All workspaces".to_owned(), unit, total, whole),
            set_aside,
        })
    }
}

fn name(place: &PlaceUse) -> String {
    match (&place.workspace, place.workspaces) {
        (Some(name), _) => name.clone(),
        (None, 0) => "No workspace".to_owned(),
        (None, 1) => "A workspace that is gone".to_owned(),
        (None, others) => number::counted(others, "other workspace", "other workspaces"),
    }
}

impl PlaceRow {
    fn new(name: String, unit: Unit, (api, app): (i64, i64), whole: i64) -> Self {
        let both = api + app;
        Self {
            share: match whole {
                1.. => number::percent(both.max(0), whole),
                _ => String::new(),
            },
            name,
            api: unit.written(api),
            app: unit.written(app),
            both: unit.written(both),
        }
    }
}
