//! `/operator/catalogue`: what keys may be granted and accounts may buy, and who changed it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::web::Path;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::page::PageContext;
use crate::db::Db;
use crate::db::DbError;
use crate::db::catalogue;
use crate::db::catalogue::VersionFacts;
use crate::domain::catalogue::Catalogue;
use crate::domain::catalogue::Permission;
use crate::domain::catalogue::Preset;
use crate::domain::clock::SharedClock;
use crate::domain::plan::Meter;
use crate::domain::plan::MeterKind;
use crate::domain::plan::Plan;

/// Versions in the list; older ones are in the audit log.
const VERSIONS_SHOWN: i64 = 20;

#[derive(Template)]
#[template(path = "operator/catalogue.html")]
struct CataloguePage {
    page: PageContext,
    catalogue: Catalogue,
    /// Newest first; the first is in force.
    versions: Vec<VersionLine>,
}

struct VersionLine {
    version: i32,
    at: Moment,
    by: String,
}

impl VersionLine {
    fn new(facts: VersionFacts, now: DateTime<Utc>) -> Self {
        Self {
            version: facts.version,
            at: Moment::new(facts.applied_at, now),
            by: facts.applied_by,
        }
    }

    fn url(&self) -> String {
        format!("/operator/catalogue/{}", self.version)
    }
}

impl CataloguePage {
    /// "Chats: 1, Knowledge base imports: 2", empty for a permission that feeds no meter.
    fn costs(&self, permission: &Permission) -> String {
        let cost = |(meter, amount): &(Box<str>, u64)| {
            let label = self.catalogue.meter(meter).map(|meter| &meter.label);
            let label = label.map_or(&**meter, String::as_str);
            format!("{label}: {}", whole(*amount))
        };
        let costs: Vec<String> = permission.meters.iter().map(cost).collect();
        costs.join(", ")
    }

    fn may(preset: &Preset) -> String {
        let all = preset.permissions.iter().any(|slug| slug == "*");
        if all {
            "Everything, also what is added later".to_owned()
        } else {
            preset.permissions.join(", ")
        }
    }

    fn counts(meter: &Meter) -> &'static str {
        match meter.kind {
            MeterKind::Period => "Anew each calendar month (UTC)",
            MeterKind::Level => "As a level that rises and falls",
        }
    }

    /// "10 a second, 300 a minute"
    fn rates(plan: &Plan) -> String {
        let rates = [(plan.per_second, "second"), (plan.per_minute, "minute")];
        let rates: Vec<String> = rates
            .into_iter()
            .filter_map(|(rate, unit)| Some(format!("{} a {unit}", whole(rate?))))
            .collect();
        if rates.is_empty() {
            "Without limit".to_owned()
        } else {
            rates.join(", ")
        }
    }

    fn caps(&self, plan: &Plan) -> Vec<(String, String)> {
        let cap = |(slug, cap): &(String, u64)| {
            let label = self.catalogue.meter(slug).map(|meter| meter.label.clone());
            (label.unwrap_or_else(|| slug.clone()), whole(*cap))
        };
        plan.meters.iter().map(cap).collect()
    }
}

fn whole(number: u64) -> String {
    number::grouped(i64::try_from(number).unwrap_or(i64::MAX))
}

pub async fn get(
    area: OperatorArea,
    db: ThinData<Db>,
    clock: ThinData<SharedClock>,
) -> Result<Html<impl Template>, PageError> {
    let page = area.page(OperatorPage::Catalogue)?;
    let (latest, versions) = db
        .run(|conn| {
            let versions = catalogue::history(conn, VERSIONS_SHOWN)?;
            Ok((catalogue::latest(conn)?, versions))
        })
        .await?;
    let catalogue = match latest {
        Some(latest) => {
            Catalogue::parse(latest.version, &latest.document).map_err(PageError::internal)?
        }
        None => Catalogue::default(),
    };
    let now = clock.now();
    let lines = versions
        .into_iter()
        .map(|facts| VersionLine::new(facts, now));
    let page = CataloguePage {
        page,
        catalogue,
        versions: lines.collect(),
    };
    Ok(Html(StatusCode::OK, page))
}

/// A version as it was applied, to keep or to edit.
pub async fn document(
    area: OperatorArea,
    version: Path<i32>,
    db: ThinData<Db>,
) -> Result<HttpResponse, PageError> {
    area.page(OperatorPage::Catalogue)?;
    let version = version.into_inner();
    let found = db
        .run(move |conn| catalogue::version(conn, version))
        .await?
        .ok_or(DbError::NotFound)?;
    let name = format!("attachment; filename=\"catalogue-{version}.toml\"");
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/toml; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::CACHE_CONTROL, "no-store, private"))
        .body(found.document))
}
