//! The page: chart, sums, times, and who made up the requests.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::as_of;
use crate::dashboard::chart;
use crate::dashboard::chart::Size;
use crate::dashboard::chart::UsageChart;
use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::number;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::plan::card::PlanCard;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::support::summary;
use crate::dashboard::support::summary::OfUsage;
use crate::dashboard::support::summary::Summary;
use crate::dashboard::support::visit::Visit;
use crate::dashboard::urls;
use crate::dashboard::usage::chosen::Chosen;
use crate::dashboard::usage::chosen::UsageAddress;
use crate::dashboard::usage::latency;
use crate::dashboard::usage::read;
use crate::dashboard::usage::read::Found;
use crate::db::Db;
use crate::db::Read;
use crate::db::usage::CategoryShare;
use crate::db::usage::DayUsage;
use crate::db::usage::KeyShare;
use crate::db::usage::MeterShare;
use crate::domain::clock::SharedClock;
use crate::domain::latency::Latencies;

#[derive(Template)]
#[template(path = "usage/workspace.html")]
struct UsagePage {
    page: PageContext,
    notices: Vec<String>,
    chosen: Chosen,
    /// Of the one key that is shown.
    key_name: Option<String>,
    url: String,
    keys_url: String,
    may_export: bool,
    /// None also where nothing is counted.
    plan: Option<PlanCard>,
    chart: UsageChart,
    sums: Sums,
    keys: Vec<KeyShare>,
    categories: Vec<CategoryShare>,
    meters: Vec<MeterShare>,
    /// Of a replica that is behind.
    as_of: Option<String>,
    /// What support staff put into a ticket.
    summary: Option<Summary>,
}

/// Of all thirty days.
#[derive(Default)]
struct Sums {
    requests: i64,
    failed: i64,
    credits: i64,
    latencies: Latencies,
}

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    db: ThinData<Db>,
    clock: ThinData<SharedClock>,
) -> Result<HttpResponse, PageError> {
    let now = clock.now();
    let address = UsageAddress::parse(request.query_string());
    let (id, chosen) = ((place.account, place.workspace.id), address.chosen.clone());
    let read = db
        .read(move |conn| read::all(conn, id, &chosen, now))
        .await?;
    let page = UsagePage::new(&place, address, read, now)?;
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

impl UsagePage {
    fn new(
        place: &InWorkspace,
        address: UsageAddress,
        Read { found, behind }: Read<Found>,
        now: DateTime<Utc>,
    ) -> Result<Self, PageError> {
        let membership = place.person.membership()?;
        let name = &membership.account_name;
        let root = place.root();
        let days: Vec<chart::DayUsage> = found.days.iter().map(chart::DayUsage::from).collect();
        let no_link = |_| String::new();
        let page = Self {
            page: place.page(Section::Usage)?,
            notices: address.notices,
            chosen: address.chosen,
            key_name: found.key_name,
            url: urls::usage_in(&root),
            keys_url: urls::keys_in(&root),
            may_export: place.workspace.role.may_export_keys(),
            plan: found
                .plan
                .and_then(|plan| PlanCard::new(plan, name, place.person.plan_url(), now)),
            chart: UsageChart::new(&days, now.date_naive(), Size::Full, no_link),
            sums: Sums::of(&found.days),
            keys: found.keys,
            categories: found.categories,
            meters: found.meters,
            as_of: as_of::words(behind),
            summary: None,
        };
        let visit = place.person.visit();
        Ok(Self {
            summary: visit.map(|visit| page.summarised((visit, &place.workspace.name), now)),
            ..page
        })
    }

    fn summarised(&self, (visit, whose): (&Visit, &str), now: DateTime<Utc>) -> Summary {
        let of = OfUsage {
            whose,
            filter: self.filter(),
            chart: self.chart.sentence(),
            facts: self.sums.facts(),
            keys: &self.keys,
            meters: &self.meters,
        };
        summary::of_usage(visit, &of, now)
    }

    fn csv_url(&self) -> String {
        self.chosen.url(&format!("{}.csv", self.url))
    }

    fn key_url(&self, id: &str) -> String {
        format!("{}/{id}", self.keys_url)
    }

    fn category_url(&self, category: &str) -> String {
        Chosen::Category(category.to_owned()).url(&self.url)
    }

    /// "Category: production", and nothing of the whole workspace.
    fn filter(&self) -> Option<String> {
        match (&self.chosen, &self.key_name) {
            (Chosen::Workspace, _) => None,
            (Chosen::Category(category), _) => Some(format!("Category: {category}")),
            (Chosen::Key(_), Some(name)) => Some(format!("Key: {name}")),
            (Chosen::Key(id), None) => Some(format!("Key: {id}")),
        }
    }

    /// What of the chart is counted.
    fn scope(&self) -> &'static str {
        match self.chosen {
            Chosen::Workspace => "This workspace only",
            Chosen::Category(_) => "This category, in this workspace",
            Chosen::Key(_) => "This key only",
        }
    }

    fn share(&self, requests: i64) -> String {
        number::percent(requests, self.sums.requests.max(requests).max(1))
    }

    fn number(number: i64) -> String {
        number::grouped(number)
    }

    fn failed(key: &KeyShare) -> String {
        number::percent(key.failed, key.requests.max(1))
    }
}

impl Sums {
    fn of(days: &[DayUsage]) -> Self {
        let mut sums = Self::default();
        for day in days {
            sums.requests += day.requests;
            sums.failed += day.failed;
            sums.credits += day.credits;
            sums.latencies.add(&day.latencies);
        }
        sums
    }

    /// Name and words.
    fn facts(&self) -> [(&'static str, String); 5] {
        let failed = number::percent(self.failed, self.requests.max(1));
        [
            ("Requests", number::grouped(self.requests)),
            (
                "Failed",
                match self.failed {
                    0 => "None".to_owned(),
                    count => format!("{}, {failed}", number::grouped(count)),
                },
            ),
            ("Credits", number::grouped(self.credits)),
            ("Half answered within", latency::words(&self.latencies, 50)),
            (
                "95 in 100 answered within",
                latency::words(&self.latencies, 95),
            ),
        ]
    }
}
