//! `/operator/plans`: what is sold, and to how many. The catalogue changes it.

use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;

use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::number;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::page::PageContext;
use crate::db::Db;
use crate::db::plans;
use crate::db::plans::SoldPlan;

#[derive(Template)]
#[template(path = "operator/plans.html")]
struct PlansPage {
    page: PageContext,
    lines: Vec<PlanLine>,
}

struct PlanLine {
    slug: String,
    name: String,
    rates: String,
    /// The label of a meter and the most of it.
    caps: Vec<(String, String)>,
    offered: bool,
    accounts: String,
    /// Those accounts, if there are any.
    accounts_url: Option<String>,
}

impl PlanLine {
    fn new(plan: SoldPlan) -> Self {
        let rates = [(plan.per_second, "second"), (plan.per_minute, "minute")];
        let rates: Vec<String> = rates
            .into_iter()
            .filter_map(|(rate, unit)| Some(format!("{} a {unit}", number::grouped(rate?))))
            .collect();
        let caps = plan.caps.into_iter();
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("plan", &plan.slug);
        let url = format!("{}?{}", OperatorPage::Accounts.url(), query.finish());
        Self {
            rates: rates.join(", "),
            caps: caps
                .map(|(label, most)| (label, number::grouped(most)))
                .collect(),
            accounts: number::counted(plan.accounts, "account", "accounts"),
            accounts_url: (plan.accounts > 0).then_some(url),
            offered: plan.offered,
            slug: plan.slug,
            name: plan.name,
        }
    }
}

pub async fn get(area: OperatorArea, db: ThinData<Db>) -> Result<Html<impl Template>, PageError> {
    let page = area.page(OperatorPage::Plans)?;
    let found = db.run(plans::sold).await?;
    let lines = found.into_iter().map(PlanLine::new).collect();
    Ok(Html(StatusCode::OK, PlansPage { page, lines }))
}
