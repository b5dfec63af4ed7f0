//! `/operator/blocks`: addresses whose unknown keys are refused for a while, and lifting that.

use actix_web::HttpRequest;
use std::net::IpAddr;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;
use ipnet::IpNet;

use crate::dashboard::confirmed;
use crate::dashboard::confirmed::Deed;
use crate::dashboard::confirmed::Effect;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::page::PageContext;
use crate::dashboard::posted::Fields;
use crate::dashboard::posted::Posted;
use crate::db::Db;
use crate::db::DbError;
use crate::db::confirmation;
use crate::db::ip_blocks;
use crate::db::ip_blocks::BlockRow;
use crate::domain::clock::SharedClock;
use crate::domain::ip_scope::IpScope;

/// More blocks are not listed, and the page says so.
const SHOWN_MAX: usize = 200;

#[derive(Template)]
#[template(path = "operator/blocks.html")]
struct BlocksPage {
    page: PageContext,
    /// What was searched for, as it was typed.
    searched: String,
    errors: FormErrors,
    lines: Vec<BlockLine>,
    /// How many are listed, if there are more.
    first: Option<usize>,
    may_lift: bool,
}

/// A block in words.
struct BlockLine {
    scope: String,
    network: String,
    place: String,
    address: String,
    since: Moment,
    until: Moment,
    times: String,
    nodes: String,
}

impl BlockLine {
    fn new(row: &BlockRow, now: DateTime<Utc>) -> Self {
        Self {
            place: place(&row.scope, row.service.as_deref()),
            address: address(row.network),
            network: row.network.to_string(),
            scope: row.scope.clone(),
            since: Moment::new(row.since, now),
            until: Moment::new(row.until, now),
            times: number::counted(row.strikes.into(), "time", "times"),
            nodes: number::counted(row.nodes, "node", "nodes"),
        }
    }
}

/// Where the address is blocked, to stand alone or after "at".
fn place(scope: &str, service: Option<&str>) -> String {
    match scope.parse() {
        Ok(IpScope::Gateway) => "the gateway".to_owned(),
        Ok(IpScope::ForwardAuth) => "forward-auth".to_owned(),
        Ok(IpScope::OwnKey) => "/v1/keys/self".to_owned(),
        Ok(IpScope::Service(_)) => {
            let name = service.unwrap_or("a service that is gone");
            format!("{name}, by verify")
        }
        Err(_) => scope.to_owned(),
    }
}

/// A network of one address is that address.
fn address(network: IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() {
        network.addr().to_string()
    } else {
        network.to_string()
    }
}

/// One address, or a network of them.
fn network_of(typed: &str) -> Result<IpNet, &'static str> {
    let typed = typed.trim();
    let one = typed.parse::<IpAddr>().map(IpNet::from);
    let network = typed.parse::<IpNet>().ok().or(one.ok());
    let fault = "Enter an address such as 203.0.113.9, or a network such as 203.0.113.0/24.";
    network.map(|network| network.trunc()).ok_or(fault)
}

pub async fn get(
    area: OperatorArea,
    request: HttpRequest,
    db: ThinData<Db>,
    clock: ThinData<SharedClock>,
) -> Result<Html<impl Template>, PageError> {
    let page = area.page(OperatorPage::Blocks)?;
    let query = Fields::of_query(&request)?;
    let searched = query.get("q").trim().to_owned();
    let mut errors = FormErrors::default();
    let within = if searched.is_empty() {
        None
    } else {
        query.parse_with("q", &mut errors, network_of)
    };
    let mut rows = Vec::new();
    if errors.is_empty() {
        let most = i64::try_from(SHOWN_MAX + 1).unwrap_or(i64::MAX);
        rows = db
            .run(move |conn| ip_blocks::holding(conn, within, most))
            .await?;
    }
    let now = clock.now();
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let lines = rows.iter().take(SHOWN_MAX);
    let page = BlocksPage {
        page,
        searched,
        errors,
        lines: lines.map(|row| BlockLine::new(row, now)).collect(),
        first: (rows.len() > SHOWN_MAX).then_some(SHOWN_MAX),
        may_lift: area.may_change(),
    };
    Ok(Html(status, page))
}

pub async fn lift(
    area: OperatorArea,
    form: Posted,
    db: ThinData<Db>,
    clock: ThinData<SharedClock>,
) -> Result<HttpResponse, PageError> {
    let scope: IpScope = form.get("scope").parse().map_err(|_| PageError::NotFound)?;
    let network: IpNet = form
        .get("network")
        .parse()
        .map_err(|_| PageError::NotFound)?;
    let (actor, now) = (area.actor(), clock.now());
    let lifted = db
        .run(move |conn| ip_blocks::lift(conn, &actor, now, (scope, network)))
        .await;
    let address = address(network);
    let told = match lifted {
        Ok(seq) => {
            let confirmation = confirmation::wait_applied(&db, seq).await?;
            let deed = Deed {
                done: format!("The block of {address} is lifted"),
                doing: format!("Lifting the block of {address}"),
                effect: Effect::Changes,
            };
            confirmed::told(&deed, &confirmation, clock.now())
        }
        Err(DbError::NotFound) => Flash::success(format!("The block of {address} has ended.")),
        Err(error) => return Err(error.into()),
    };
    area.flash(&told)?;
    Ok(see_other(OperatorPage::Blocks.url()))
}
