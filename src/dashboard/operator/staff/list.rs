//! The people by address, a page at a time.

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
use crate::dashboard::operator::staff;
use crate::dashboard::page::PageContext;
use crate::dashboard::posted::Fields;
use crate::db::Db;
use crate::db::staff_grants;
use crate::db::staff_grants::StaffMember;
use crate::domain::clock::SharedClock;
use crate::domain::person::UserId;

const PAGE_LENGTH: usize = 50;
/// No address is longer.
const AFTER_LENGTH_MAX: usize = 254;

#[derive(Template)]
#[template(path = "operator/staff.html")]
struct StaffPage {
    page: PageContext,
    lines: Vec<StaffLine>,
    first: Option<String>,
    next: Option<String>,
}

struct StaffLine {
    name: String,
    email: String,
    you: bool,
    role: &'static str,
    since: Moment,
    last_active: Option<Moment>,
    remove_url: String,
}

impl StaffLine {
    fn new(member: StaffMember, you: UserId, now: DateTime<Utc>) -> Self {
        Self {
            you: member.id == you,
            role: staff::in_words(member.role),
            since: Moment::new(member.since, now),
            last_active: member.last_active.map(|at| Moment::new(at, now)),
            remove_url: staff::remove_url(member.id),
            name: member.name,
            email: member.email,
        }
    }
}

pub async fn get(
    area: OperatorArea,
    request: HttpRequest,
    db: ThinData<Db>,
    clock: ThinData<SharedClock>,
) -> Result<Html<impl Template>, PageError> {
    let page = area.page(OperatorPage::Staff)?;
    let query = Fields::of_query(&request)?;
    let after: String = query.get("after").chars().take(AFTER_LENGTH_MAX).collect();
    let after = after.replace('\0', "");
    let from = after.clone();
    let most = i64::try_from(PAGE_LENGTH + 1).unwrap_or(i64::MAX);
    let mut found = db
        .run(move |conn| staff_grants::list(conn, &from, most))
        .await?;
    let more = found.len() > PAGE_LENGTH;
    found.truncate(PAGE_LENGTH);
    let next = found.last().filter(|_| more).map(|last| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("after", &last.folded);
        format!("{}?{}", OperatorPage::Staff.url(), query.finish())
    });
    let (you, now) = (area.person.viewer.id, clock.now());
    let lines = found
        .into_iter()
        .map(|member| StaffLine::new(member, you, now));
    let page = StaffPage {
        page,
        lines: lines.collect(),
        first: (!after.is_empty()).then(|| OperatorPage::Staff.url().to_owned()),
        next,
    };
    Ok(Html(StatusCode::OK, page))
}
