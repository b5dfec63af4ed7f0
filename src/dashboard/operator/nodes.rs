//! `/operator/nodes`: what each node last said of itself.

use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;

use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::operator::node_row::NodeLine;
use crate::dashboard::page::PageContext;
use crate::db::Db;
use crate::db::log_gaps;
use crate::db::mirror;
use crate::db::nodes;
use crate::db::nodes::NodeState;
use crate::db::nodes::UnreadableKey;
use crate::domain::clock::SharedClock;

#[derive(Template)]
#[template(path = "operator/nodes.html")]
struct NodesPage {
    page: PageContext,
    asked_at: Moment,
    newest: i64,
    rows: Vec<NodeLine>,
    /// Keys that some node cannot read, each once.
    unreadable: Vec<UnreadableKey>,
    /// Of the log, the latest first.
    gaps: Vec<GapLine>,
}

struct GapLine {
    from: Moment,
    to: Moment,
    records: String,
}

impl NodesPage {
    /// "3 nodes, 1 of them fenced."
    fn summary(&self) -> String {
        let nodes = counted(self.rows.len(), "node", "nodes");
        match self.rows.iter().filter(|row| row.is_fenced()).count() {
            0 => format!("{nodes}."),
            fenced => format!("{nodes}, {fenced} of them fenced."),
        }
    }

    fn newest(&self) -> String {
        number::grouped(self.newest)
    }
}

fn counted(number: usize, one: &str, many: &str) -> String {
    number::counted(i64::try_from(number).unwrap_or(i64::MAX), one, many)
}

pub async fn get(
    area: OperatorArea,
    db: ThinData<Db>,
    clock: ThinData<SharedClock>,
) -> Result<Html<impl Template>, PageError> {
    let page = area.page(OperatorPage::Nodes)?;
    let now = clock.now();
    let (nodes, newest, gaps) = db
        .run(move |conn| {
            let gaps = log_gaps::between(conn, DateTime::UNIX_EPOCH, now)?;
            Ok((nodes::all(conn)?, mirror::last_seq(conn)?, gaps))
        })
        .await?;
    let gaps = gaps.into_iter().map(|gap| GapLine {
        from: Moment::new(gap.from_at, now),
        to: Moment::new(gap.to_at, now),
        records: number::grouped(gap.records),
    });
    let mut unreadable: Vec<_> = nodes.iter().flat_map(NodeState::unreadable_keys).collect();
    unreadable.sort_by(|one, other| one.key.cmp(&other.key));
    unreadable.dedup_by(|one, other| one.key == other.key);
    let rows = nodes.iter().map(|node| NodeLine::new(node, newest, now));
    Ok(Html(
        StatusCode::OK,
        NodesPage {
            page,
            asked_at: Moment::new(now, now),
            newest,
            rows: rows.collect(),
            unreadable,
            gaps: gaps.collect(),
        },
    ))
}
