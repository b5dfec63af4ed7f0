//! Pages of the audit log with few rows and with many.

use std::time::Duration;
use std::time::Instant;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Integer;
use latchkey::db::audit_log::search;
use latchkey::db::audit_log::search::AuditCursor;
use latchkey::db::audit_log::search::AuditOf;
use latchkey::db::audit_log::search::AuditQuery;
use latchkey::db::migrations;
use latchkey::domain::account::AccountId;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::audit::group::Group;
use latchkey::domain::clock::SystemClock;
use latchkey::postgres::DATABASE;

use super::edge::say;
use super::fault;
use super::node;

/// Each page is asked for so often, and its median counts.
const ROUNDS: usize = 15;
const PAGE_ROWS: u16 = 50;

type Question = (&'static str, AuditQuery);

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = Integer)]
    account: i32,
    #[diesel(sql_type = Integer)]
    workspace: i32,
}

/// Prints for each page its milliseconds with `few` rows, with `many`, and their ratio.
pub fn audit(few: usize, many: usize) -> std::io::Result<()> {
    let (_directory, cluster) = node::cluster()?;
    let url = cluster.url(DATABASE);
    migrations::apply(&url).map_err(fault)?;
    let mut conn = node::connect(&url)?;
    let now = SystemClock::shared().now();
    let place = place(&mut conn)?;
    let mut times = Vec::new();
    for (from, to) in [(0, few), (few, many)] {
        fill(&mut conn, &place, (from, to))?;
        let questions = questions(&mut conn, &place, now)?;
        let measure = |(_, query): &Question| median(&mut conn, query);
        let measured: std::io::Result<Vec<Duration>> = questions.iter().map(measure).collect();
        times.push((questions, measured?));
    }
    let [(questions, before), (_, after)] = &times[..] else {
        return Err(fault("two sizes"));
    };
    for (((name, _), before), after) in questions.iter().zip(before).zip(after) {
        let (before, after) = (before.as_secs_f64() * 1e3, after.as_secs_f64() * 1e3);
        say(&format!(
            "{before:.2} {after:.2} {:.2} {name}",
            after / before
        ));
    }
    Ok(())
}

fn place(conn: &mut PgConnection) -> std::io::Result<Place> {
    conn.batch_execute(
        "insert into accounts (public_id, domain, customer_id, name, plan, created_at)
         values ('acc_000000000001', 'acme', 'acme', 'Acme', 'standard', now());
         insert into workspaces (account_id, public_id, slug, name, created_at)
         select id, 'ws_' || n, 'w' || n, 'Workspace ' || n, now()
           from accounts, generate_series(1, 5) n",
    )
    .map_err(fault)?;
    diesel::sql_query(
        "select account_id as account, min(id) as workspace from workspaces group by 1",
    )
    .get_result(conn)
    .map_err(fault)
}

/// Rows of one account over 80 days, evenly, by a hundred people, about a thousand keys. One
/// person, one key and one action are rare, and long ago. Without links, which no page reads.
fn fill(conn: &mut PgConnection, place: &Place, (from, to): (usize, usize)) -> std::io::Result<()> {
    conn.batch_execute(&format!(
        "set session_replication_role = replica;
         insert into audit_log (account_id, workspace_id, at, actor_kind, actor_id, actor_label,
             action, target_kind, target_id, target_label, after, ip, request_id)
         select {account}, {workspace} + n % 5,
             now() - interval '80 days' * (({to} - n) / {to}.0), 'person', 'id',
             case when n = 17 then 'rare@acme.example' else n % 100 || '@acme.example' end,
             case when n = 18 then 'workspace.archived' else
                 (array['key.updated', 'key.created', 'key.revoked', 'session.started',
                     'keys.exported'])[1 + n % 5] end,
             'key', case when n = 19 then 'rarekey' else 'key' || n % 1000 end, 'Key ' || n,
             '{{\"note\": \"changed\"}}', '203.0.113.9', 'req_0000000000000000'
           from generate_series({first}, {to}) n;
         set session_replication_role = origin",
        account = place.account,
        workspace = place.workspace,
        first = from + 1,
    ))
    .and_then(|()| conn.batch_execute("vacuum analyze audit_log"))
    .map_err(fault)
}

fn questions(
    conn: &mut PgConnection,
    place: &Place,
    now: DateTime<Utc>,
) -> std::io::Result<Vec<Question>> {
    let account = AccountId(place.account);
    let plain = AuditQuery {
        of: AuditOf::Account(account),
        actor: None,
        actions: Vec::new(),
        target: None,
        from: now - TimeDelta::days(90),
        to: now + TimeDelta::minutes(1),
        before: None,
        limit: PAGE_ROWS,
    };
    let by = |actor: &str| by(&plain, actor);
    let what = |group| what(&plain, group);
    let mut questions = vec![
        ("first page of the account", plain.clone()),
        (
            "first page of a workspace",
            AuditQuery {
                of: AuditOf::Workspace(account, WorkspaceId(place.workspace)),
                ..plain.clone()
            },
        ),
        (
            "all accounts",
            AuditQuery {
                of: AuditOf::Everything,
                ..plain.clone()
            },
        ),
        ("by one person", by("7@acme.example")),
        ("by one who is rare", by("rare@acme.example")),
        ("by nobody", by("nobody@acme.example")),
        ("keys", what(Group::Keys)),
        (
            "workspaces and settings, which are rare",
            what(Group::Settings),
        ),
        (
            "to one key",
            AuditQuery {
                target: Some("key7".to_owned()),
                ..plain.clone()
            },
        ),
        (
            "one person, and what that person never did",
            AuditQuery {
                actions: Group::Support.codes(),
                ..by("7@acme.example")
            },
        ),
        (
            "one key by one person",
            AuditQuery {
                target: Some("key7".to_owned()),
                ..by("7@acme.example")
            },
        ),
    ];
    questions.push((
        "a page from two months ago, by its cursor",
        AuditQuery {
            before: deep(conn, &plain, now)?,
            ..plain
        },
    ));
    Ok(questions)
}

fn by(plain: &AuditQuery, actor: &str) -> AuditQuery {
    AuditQuery {
        actor: Some(actor.to_owned()),
        ..plain.clone()
    }
}

fn what(plain: &AuditQuery, group: Group) -> AuditQuery {
    AuditQuery {
        actions: group.codes(),
        ..plain.clone()
    }
}

fn deep(
    conn: &mut PgConnection,
    plain: &AuditQuery,
    now: DateTime<Utc>,
) -> std::io::Result<Option<AuditCursor>> {
    let then = AuditQuery {
        to: now - TimeDelta::days(60),
        limit: 1,
        ..plain.clone()
    };
    Ok(search::search(conn, &then).map_err(fault)?.older)
}

fn median(conn: &mut PgConnection, query: &AuditQuery) -> std::io::Result<Duration> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        search::search(conn, query).map_err(fault)?;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    Ok(times[ROUNDS / 2])
}
