//! Which rows of the audit log a search looks at, and along which index.

use crate::db::audit_log::search::AuditCursor;
use crate::db::audit_log::search::AuditOf;
use crate::db::audit_log::search::AuditQuery;
use crate::db::binds::Bind;
use crate::db::binds::Binds;

/// Rows that one search looks at, in an index that has all that is judged.
const SCANNED_MAX: i64 = 1_000;

/// `scanned`, the rows that are looked at; `edge`, the last of them where there are more; and what
/// is judged row by row, of an `e` that is one of them.
pub fn scan(query: &AuditQuery, binds: &mut Binds) -> (String, String) {
    let walk = Walk::of(query);
    let (account, workspace) = whose(query.of, binds);
    let (mut within, mut judged) = (vec![account], vec!["true".to_owned()]);
    // Only the log as a whole has an index for each workspace.
    match walk {
        Walk::Log => within.extend(workspace),
        _ => judged.extend(workspace),
    }
    if let Some(target) = &query.target {
        let target = binds.place(Bind::Text(target.clone()));
        let of = if walk == Walk::Target {
            &mut within
        } else {
            &mut judged
        };
        of.push(format!("e.target_id = {target}"));
    }
    if let Some(actor) = &query.actor {
        let actor = binds.place(Bind::Text(actor.clone()));
        let of = if walk == Walk::Actor {
            &mut within
        } else {
            &mut judged
        };
        of.push(format!("e.actor_label = {actor}"));
    }
    let actions = query
        .actions
        .iter()
        .map(|code| (*code).to_owned())
        .collect();
    let actions: Vec<String> = if walk == Walk::Actions {
        within.push("e.action = way.code".to_owned());
        actions
    } else {
        if !query.actions.is_empty() {
            let actions = binds.place(Bind::Texts(actions));
            judged.push(format!("e.action = any({actions})"));
        }
        vec![String::new()]
    };
    // What none is dropped of need not be longer than a page.
    let page = i64::from(query.limit) + 1;
    let each = match judged.as_slice() {
        [_] => page,
        _ => page.max(SCANNED_MAX / i64::try_from(actions.len()).unwrap_or(1).max(1)),
    };
    let each = binds.place(Bind::Long(each));
    let ways = binds.place(Bind::Texts(actions));
    let (from, to) = (
        binds.place(Bind::Time(query.from)),
        binds.place(Bind::Time(query.to)),
    );
    within.push(format!("e.at >= {from} and e.at < {to}"));
    if let Some(AuditCursor { at, id }) = query.before {
        let (at, id) = (
            binds.place(Bind::Time(at)),
            binds.place(Bind::Text(id.to_string())),
        );
        // A row that is gone is before all of its time.
        within.push(format!(
            "(e.at, e.id) < ({at}, coalesce((select last.id from audit_log last
                 where last.public_id = {id}::uuid), 0))"
        ));
    }
    let scan = statement(&within.join(" and "), &ways, &each);
    (scan, judged.join(" and "))
}

fn statement(within: &str, ways: &str, each: &str) -> String {
    format!(
        "with scanned as materialized (
             select way.code, s.* from unnest({ways}) way (code) cross join lateral (
                 select e.id, e.at, e.workspace_id, e.actor_label, e.action, e.target_id,
                     row_number() over (order by e.at desc, e.id desc) as nth
                   from audit_log e where {within}
                  order by e.at desc, e.id desc limit {each}) s
         ), edge as (
             select at, id from scanned where nth = {each} order by at desc, id desc limit 1
         )"
    )
}

/// Along which index.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Walk {
    Log,
    Target,
    Actor,
    Actions,
}

impl Walk {
    fn of(query: &AuditQuery) -> Self {
        match query {
            AuditQuery {
                of: AuditOf::Everything | AuditOf::Operator,
                ..
            } => Self::Log,
            AuditQuery {
                target: Some(_), ..
            } => Self::Target,
            AuditQuery { actor: Some(_), .. } => Self::Actor,
            AuditQuery { actions, .. } if !actions.is_empty() => Self::Actions,
            _ => Self::Log,
        }
    }
}

/// What holds rows to the account, and to the workspace.
pub fn whose(of: AuditOf, binds: &mut Binds) -> (String, Option<String>) {
    let (account, workspace) = match of {
        AuditOf::Everything => return ("true".to_owned(), None),
        AuditOf::Operator => return ("e.account_id is null".to_owned(), None),
        AuditOf::Account(account) => (account, None),
        AuditOf::Workspace(account, workspace) => (account, Some(workspace)),
    };
    let account = binds.place(Bind::Number(account.0));
    let workspace = workspace.map(|workspace| {
        let workspace = binds.place(Bind::Number(workspace.0));
        format!("e.workspace_id = {workspace}")
    });
    (format!("e.account_id = {account}"), workspace)
}
