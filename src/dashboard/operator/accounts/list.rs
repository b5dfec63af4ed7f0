//! The accounts by domain, a page at a time.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::moment::Moment;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::operator::accounts::url;
use crate::dashboard::page::PageContext;
use crate::dashboard::posted::Fields;
use crate::db::Db;
use crate::db::accounts;
use crate::db::accounts::AccountSearch;
use crate::db::accounts::OperatedAccount;
use crate::domain::account::ErrorProfile;
use crate::domain::clock::SharedClock;

const PAGE_LENGTH: usize = 50;
/// Longer searches are cut: no name is longer.
const SEARCH_LENGTH_MAX: usize = 200;

#[derive(Template)]
#[template(path = "operator/accounts.html")]
struct AccountsPage {
    page: PageContext,
    searched: String,
    /// Slug and name of every plan that is offered, and whether only its accounts are listed.
    plans: Vec<(String, String, bool)>,
    /// Whether anything was asked for.
    narrowed: bool,
    lines: Vec<AccountLine>,
    next: Option<String>,
}

impl AccountsPage {
    fn plans_chosen(&self) -> bool {
        self.plans.iter().any(|(_, _, chosen)| *chosen)
    }
}

struct AccountLine {
    url: String,
    name: String,
    domain: String,
    plan: String,
    profile: &'static str,
    suspended: bool,
    created: Moment,
}

impl AccountLine {
    fn new((account, plan): (OperatedAccount, String), now: DateTime<Utc>) -> Self {
        Self {
            url: url(&account.public_id),
            created: Moment::new(account.created_at, now),
            suspended: account.suspended_at.is_some(),
            name: account.name,
            domain: account.domain,
            plan,
            profile: in_words(&account.error_profile),
        }
    }
}

pub async fn get(
    area: OperatorArea,
    request: HttpRequest,
    db: ThinData<Db>,
    clock: ThinData<SharedClock>,
) -> Result<Html<impl Template>, PageError> {
    let page = area.page(OperatorPage::Accounts)?;
    let query = Fields::of_query(&request)?;
    let search = AccountSearch {
        text: cleaned(query.get("q")),
        plan: cleaned(query.get("plan")),
        after: cleaned(query.get("after")),
    };
    let asked = search.clone();
    let most = i64::try_from(PAGE_LENGTH + 1).unwrap_or(i64::MAX);
    let (mut found, plans) = db
        .run(move |conn| {
            let found = accounts::list(conn, &asked, most)?;
            Ok((found, accounts::plans(conn, &asked.plan)?))
        })
        .await?;
    let more = found.len() > PAGE_LENGTH;
    found.truncate(PAGE_LENGTH);
    let next = found.last().filter(|_| more).map(|(last, _)| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &search.text);
        if !search.plan.is_empty() {
            query.append_pair("plan", &search.plan);
        }
        query.append_pair("after", &last.domain);
        format!("{}?{}", OperatorPage::Accounts.url(), query.finish())
    });
    let now = clock.now();
    let lines = found.into_iter();
    let plans = plans.into_iter().map(|(slug, name)| {
        let chosen = slug == search.plan;
        (slug, name, chosen)
    });
    let page = AccountsPage {
        page,
        plans: plans.collect(),
        narrowed: !(search.text.is_empty() && search.plan.is_empty()),
        searched: search.text,
        lines: lines.map(|found| AccountLine::new(found, now)).collect(),
        next,
    };
    Ok(Html(StatusCode::OK, page))
}

fn in_words(profile: &str) -> &'static str {
    match ErrorProfile::parse(profile) {
        Some(ErrorProfile::Documented) => "Documented",
        Some(ErrorProfile::Standard) => "Standard",
        None => "Unknown",
    }
}

fn cleaned(typed: &str) -> String {
    let text = typed.chars().filter(|letter| !letter.is_control());
    let text: String = text.take(SEARCH_LENGTH_MAX).collect();
    text.trim().to_owned()
}
