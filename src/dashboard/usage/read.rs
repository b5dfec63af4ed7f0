//! What the page and its file read.

use chrono::DateTime;
use chrono::Utc;
use diesel::PgConnection;

use crate::dashboard::usage::chosen::Chosen;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::plan_usage;
use crate::db::plan_usage::PlanUsage;
use crate::db::usage;
use crate::db::usage::CategoryShare;
use crate::db::usage::DayUsage;
use crate::db::usage::KeyShare;
use crate::db::usage::MeterShare;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;

pub type Place = (AccountId, WorkspaceId);

pub struct Found {
    /// Days without requests have no row.
    pub days: Vec<DayUsage>,
    /// Of the one key that was asked for.
    pub key_name: Option<String>,
    /// Not of one key.
    pub keys: Vec<KeyShare>,
    /// Of the whole workspace.
    pub categories: Vec<CategoryShare>,
    pub meters: Vec<MeterShare>,
    pub plan: Option<PlanUsage>,
}

/// `NotFound` for a key that is not of the workspace.
pub fn days(
    conn: &mut PgConnection,
    (account, workspace): Place,
    chosen: &Chosen,
    now: DateTime<Utc>,
) -> Result<(Vec<DayUsage>, Option<String>), DbError> {
    Ok(match chosen {
        Chosen::Workspace => (usage::of_workspace(conn, account, workspace, now)?, None),
        Chosen::Category(category) => {
            let place = (account, workspace);
            (usage::of_category(conn, place, category, now)?, None)
        }
        Chosen::Key(id) => {
            let key = api_keys::find(conn, account, workspace, *id)?;
            (usage::of_key(conn, account, *id, now)?, Some(key.name))
        }
    })
}

/// In four queries at most, however many keys there are.
pub fn all(
    conn: &mut PgConnection,
    place: Place,
    chosen: &Chosen,
    now: DateTime<Utc>,
) -> Result<Found, DbError> {
    let (days, key_name) = days(conn, place, chosen, now)?;
    let of_workspace = *chosen == Chosen::Workspace;
    Ok(Found {
        days,
        key_name,
        keys: match chosen.key() {
            None => usage::by_key(conn, place, chosen.category(), now)?,
            Some(_) => Vec::new(),
        },
        categories: if of_workspace {
            usage::by_category(conn, place)?
        } else {
            Vec::new()
        },
        meters: if of_workspace {
            usage::by_meter(conn, place, now)?
        } else {
            Vec::new()
        },
        plan: plan_usage::of_account(conn, place.0, now).ok(),
    })
}
