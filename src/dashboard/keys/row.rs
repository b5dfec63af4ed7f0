//! One key in the list.

use chrono::DateTime;
use chrono::Days;
use chrono::NaiveDate;
use chrono::Utc;

use crate::dashboard::chart;
use crate::dashboard::keys;
use crate::dashboard::keys::status::StatusBadge;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::db::api_keys::ListedKey;
use crate::db::api_keys::ListedOwner;
use crate::domain::api_key;
use crate::domain::api_key::ApiKeyId;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::key_state::KeyState;
use crate::domain::key_state::KeyTimes;
use crate::domain::limit::Window;
use crate::domain::person::UserId;
use crate::domain::role::WorkspaceRole;
use crate::domain::support::Sight;

pub struct KeyRow {
    pub id: ApiKeyId,
    pub url: String,
    pub name: String,
    pub masked: String,
    pub category: String,
    pub status: StatusBadge,
    /// "old secret ends 22 Nov, 09:41" of a key that rotates.
    pub old_ends: String,
    pub ended: bool,
    pub scope: String,
    /// "4 permissions, 2 resources": what its scope alone does not say.
    pub narrowed: String,
    pub last_used: Option<Moment>,
    /// None for who may not see addresses, too.
    pub last_used_ip: Option<String>,
    pub requests: String,
    pub spark: String,
    pub expires: Option<Moment>,
    pub creator: String,
    pub creator_email: String,
    /// "Service key", "Owner: Grace Hopper"; empty for who made it.
    pub owner: String,
    pub created: Moment,
    /// For who may stop it, while it is not over.
    pub may_stop: bool,
    /// Disabled, so that it can be enabled.
    pub disabled: bool,
}

/// Who looks at the row, and when.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    pub person: UserId,
    /// Below which the workspace's pages are.
    pub root: &'a str,
    pub role: WorkspaceRole,
    /// What support staff see of addresses, where one looks.
    pub visited: Option<Sight>,
    pub prefix: &'a KeyPrefix,
    pub now: DateTime<Utc>,
}

impl KeyRow {
    pub fn new(key: ListedKey, limited: Option<Window>, look: Look<'_>) -> Self {
        let now = look.now;
        let role = look.role;
        let own = key.owner.is(look.person);
        let url = keys::url_in(look.root, key.id);
        let sight = Sight::of_right(role.may_see_addresses(own));
        let sight = look.visited.unwrap_or(sight);
        let ended = key.times.state(now).is_ended();
        let narrowed = narrowed(&key);
        Self {
            id: key.id,
            masked: api_key::masked(look.prefix.as_str(), key.id, &key.last_four),
            status: StatusBadge::of(&key.times, limited, now),
            old_ends: old_ends(&key.times, now),
            ended,
            last_used: key.last_used_at.map(|at| Moment::new(at, now)),
            last_used_ip: key.last_used_ip.and_then(|ip| sight.shown(ip)),
            requests: number::grouped(key.requests),
            spark: spark(&key.daily, now.date_naive()),
            expires: key.times.expires_at.map(|at| Moment::new(at, now)),
            owner: owner(&key.owner),
            creator: key.creator_name,
            creator_email: key.creator_email,
            created: Moment::new(key.created_at, now),
            may_stop: !ended && role.may_manage_key(own),
            disabled: key.times.disabled_at.is_some(),
            narrowed,
            url,
            name: key.name,
            category: key.category,
            scope: key.scope,
        }
    }
}

impl KeyRow {
    /// What can be done with the key, for the row's menu: all, all of a disabled one, or nothing.
    pub fn stands(&self) -> &'static str {
        match (self.may_stop, self.disabled) {
            (true, false) => "on",
            (true, true) => "off",
            (false, _) => "over",
        }
    }
}

fn owner(owner: &ListedOwner) -> String {
    match owner {
        ListedOwner::Creator(_) => String::new(),
        ListedOwner::Other { name, .. } => format!("Owner: {name}"),
        ListedOwner::Nobody => "Service key".to_owned(),
    }
}

fn narrowed(key: &ListedKey) -> String {
    let counts = [
        (key.permissions, ["permission", "permissions"]),
        (key.resources, ["resource", "resources"]),
    ];
    let words: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, [one, more])| number::counted(i64::from(count), one, more))
        .collect();
    words.join(", ")
}

fn old_ends(times: &KeyTimes, now: DateTime<Utc>) -> String {
    match times.retires_at {
        Some(at) if times.state(now) == KeyState::Rotating => {
            format!("old secret ends {}", at.format("%-d %b, %H:%M"))
        }
        _ => String::new(),
    }
}

/// Thirty days that end today, as one path; nothing for a key without requests.
fn spark(daily: &[(NaiveDate, i64)], today: NaiveDate) -> String {
    let days: Vec<i64> = (0..u64::from(chart::DAYS))
        .rev()
        .filter_map(|back| today.checked_sub_days(Days::new(back)))
        .map(|day| {
            let used = daily.iter().find(|(used, _)| *used == day);
            used.map_or(0, |(_, requests)| *requests)
        })
        .collect();
    chart::sparkline(&days)
}
