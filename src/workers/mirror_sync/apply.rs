//! Changes since the last look, read anew and put into the mirror.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use diesel::PgConnection;

use crate::db::DbError;
use crate::db::mirror;
use crate::db::mirror::AccountRow;
use crate::db::mirror::ChangeRow;
use crate::db::mirror::CredentialRow;
use crate::db::mirror::Mark;
use crate::db::mirror::MemberRows;
use crate::db::mirror::PersonRow;
use crate::db::mirror::PresetRow;
use crate::db::mirror::StoredKey;
use crate::db::mirror::WorkspaceRow;
use crate::domain::api_key::ApiKeyId;
use crate::domain::catalogue::Catalogue;
use crate::domain::plan::Plan;
use crate::verify::ip_block::Place;
use crate::verify::mirror::Tables;
use crate::workers::mirror_sync::catalogue;
use crate::workers::mirror_sync::common::Common;
use crate::workers::mirror_sync::key;
use crate::workers::mirror_sync::load;
use crate::workers::mirror_sync::members;

/// The rows that some changes name, as they are now.
pub struct News {
    /// The last change, if there was any.
    pub last: Option<Mark>,
    /// False if there is more to read.
    pub complete: bool,
    accounts: Vec<AccountRow>,
    workspaces: Vec<WorkspaceRow>,
    people: Vec<PersonRow>,
    /// The people whose memberships have changed, and those that they have now.
    members: Option<(Vec<uuid::Uuid>, MemberRows)>,
    presets: Vec<PresetRow>,
    catalogue: Option<Catalogue>,
    pub(super) credentials: Vec<CredentialRow>,
    /// All of them, if the catalogue has changed.
    plans: Option<Vec<Plan>>,
    pub(super) keys: Vec<StoredKey>,
    /// Keys that were named and are gone.
    pub(super) deleted: Vec<String>,
    /// Blocks of addresses that the operator has ended.
    pub lifted: Vec<Place>,
}

/// What happened after `applied`; `None` if some of it is no longer kept, so that only a full load
/// helps.
pub fn read(conn: &mut PgConnection, applied: i64) -> Result<Option<News>, DbError> {
    let changes = mirror::changes_after(conn, applied)?;
    if changes.first().is_some_and(|first| first.seq > applied + 1)
        && !mirror::is_complete_after(conn, applied)?
    {
        return Ok(None);
    }
    let subjects = Subjects::of(&changes);
    let (keys, deleted) = read_keys(conn, &subjects.keys)?;
    Ok(Some(News {
        last: changes.last().map(|last| Mark {
            seq: last.seq,
            at_us: last.at.0,
        }),
        complete: i64::try_from(changes.len()).unwrap_or(i64::MAX) < mirror::CHANGES_MAX,
        accounts: when(&subjects.accounts, |ids| mirror::accounts(conn, Some(ids)))?,
        workspaces: when(&subjects.workspaces, |ids| {
            mirror::workspaces(conn, Some(ids))
        })?,
        people: when(&subjects.people, |ids| mirror::people(conn, Some(ids)))?,
        members: read_members(conn, subjects.members)?,
        catalogue: if subjects.catalogue {
            catalogue::read(conn)?
        } else {
            None
        },
        presets: if subjects.presets {
            mirror::presets(conn)?
        } else {
            Vec::new()
        },
        credentials: if subjects.credentials {
            mirror::credentials(conn)?
        } else {
            Vec::new()
        },
        plans: if subjects.catalogue {
            Some(mirror::plans(conn)?)
        } else {
            None
        },
        keys,
        deleted,
        lifted: subjects.lifted,
    }))
}

/// Puts what was read into the mirror; what keys refer to goes first.
pub fn apply(tables: &Tables, news: News) {
    if let Some(plans) = news.plans {
        load::put_plans(tables, plans);
    }
    news.accounts
        .into_iter()
        .for_each(|row| load::put_account(tables, row));
    news.workspaces
        .into_iter()
        .for_each(|row| load::put_workspace(tables, row));
    news.people
        .into_iter()
        .for_each(|row| load::put_person(tables, row));
    if let Some((people, rows)) = news.members {
        members::put(tables, people, rows);
    }
    if let Some(catalogue) = news.catalogue {
        tables.put_catalogue(catalogue);
    }
    news.presets
        .into_iter()
        .for_each(|row| load::put_preset(tables, row));
    news.credentials
        .into_iter()
        .for_each(|row| load::put_credential(tables, row));
    let mut common = Common::default();
    for stored in &news.keys {
        key::put(tables, &mut common, stored);
    }
    for id in news.deleted {
        tables.unreadable().clear(&id);
        if let Ok(id) = id.parse::<ApiKeyId>() {
            tables.remove_key(id);
        }
    }
}

/// What the changes name, each once.
#[derive(Default)]
struct Subjects {
    accounts: Vec<i32>,
    workspaces: Vec<i32>,
    people: Vec<uuid::Uuid>,
    members: Vec<uuid::Uuid>,
    presets: bool,
    catalogue: bool,
    credentials: bool,
    keys: BTreeMap<i32, BTreeSet<String>>,
    lifted: Vec<Place>,
}

impl Subjects {
    fn of(changes: &[ChangeRow]) -> Self {
        let mut subjects = Self::default();
        for change in changes {
            match (change.kind.as_str(), change.account_id) {
                ("account", Some(id)) => subjects.accounts.push(id),
                ("workspace", _) => subjects.workspaces.extend(change.subject.parse::<i32>()),
                ("person", _) => subjects.people.extend(change.subject.parse::<uuid::Uuid>()),
                ("membership", _) => {
                    subjects
                        .members
                        .extend(change.subject.parse::<uuid::Uuid>());
                }
                ("preset", _) => subjects.presets = true,
                ("catalogue", _) => subjects.catalogue = true,
                ("service_credential", _) => subjects.credentials = true,
                ("ip_block", _) => subjects.lifted.extend(place(&change.subject)),
                ("key", Some(account)) => {
                    subjects
                        .keys
                        .entry(account)
                        .or_default()
                        .insert(change.subject.clone());
                }
                (kind, _) => tracing::error!(kind, seq = change.seq, "an unknown kind of change"),
            }
        }
        subjects
    }
}

/// "gateway 203.0.113.9/32"
fn place(subject: &str) -> Option<Place> {
    let (scope, network) = subject.split_once(' ')?;
    scope.parse().ok().zip(network.parse().ok())
}

type KeysRead = (Vec<StoredKey>, Vec<String>);

/// One query per account that had a change, at most `CHANGES_MAX` and mostly one.
fn read_keys(
    conn: &mut PgConnection,
    named: &BTreeMap<i32, BTreeSet<String>>,
) -> Result<KeysRead, DbError> {
    let (mut found, mut deleted) = (Vec::new(), Vec::new());
    for (account, ids) in named {
        let ids: Vec<String> = ids.iter().cloned().collect();
        let rows = mirror::keys(conn, *account, &ids)?;
        let gone = ids
            .iter()
            .filter(|id| rows.iter().all(|key| key.id() != *id));
        deleted.extend(gone.cloned());
        found.extend(rows);
    }
    Ok((found, deleted))
}

fn read_members(
    conn: &mut PgConnection,
    people: Vec<uuid::Uuid>,
) -> Result<Option<(Vec<uuid::Uuid>, MemberRows)>, DbError> {
    if people.is_empty() {
        return Ok(None);
    }
    let rows = mirror::members(conn, Some(&people))?;
    Ok(Some((people, rows)))
}

fn when<I, T>(
    ids: &[I],
    read: impl FnOnce(&[I]) -> Result<Vec<T>, DbError>,
) -> Result<Vec<T>, DbError> {
    if ids.is_empty() {
        Ok(Vec::new())
    } else {
        read(ids)
    }
}
