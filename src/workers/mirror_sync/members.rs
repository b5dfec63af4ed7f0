use std::collections::HashMap;
use std::str::FromStr;

use crate::db::mirror::MemberRows;
use crate::db::mirror::RoleRow;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::person::UserId;
use crate::verify::entry::MemberEntry;
use crate::verify::mirror::Tables;

pub fn put_all(tables: &Tables, rows: MemberRows) {
    put(tables, Vec::new(), rows);
}

/// Puts what `people` are now; who is in no row is a member of nothing.
pub fn put(tables: &Tables, people: Vec<UserId>, rows: MemberRows) {
    let mut members: HashMap<UserId, MemberEntry> = people
        .into_iter()
        .map(|person| (person, MemberEntry::default()))
        .collect();
    for (person, roles) in by_person(rows.accounts) {
        members.entry(person).or_default().accounts = known(roles, AccountId);
    }
    for (person, roles) in by_person(rows.workspaces) {
        members.entry(person).or_default().workspaces = known(roles, WorkspaceId);
    }
    for (person, member) in members {
        tables.put_member(person, member);
    }
}

fn by_person(rows: Vec<RoleRow>) -> HashMap<UserId, Vec<(i32, String)>> {
    let mut people: HashMap<UserId, Vec<(i32, String)>> = HashMap::new();
    for row in rows {
        people
            .entry(row.person)
            .or_default()
            .push((row.of, row.role));
    }
    people
}

/// A role that this version does not know is none.
fn known<I, R: FromStr>(roles: Vec<(i32, String)>, id: fn(i32) -> I) -> Box<[(I, R)]> {
    let read = |(of, role): (i32, String)| {
        let known = role.parse();
        if known.is_err() {
            tracing::error!(role, "an unknown role");
        }
        Some((id(of), known.ok()?))
    };
    roles.into_iter().filter_map(read).collect()
}
