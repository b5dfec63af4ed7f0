use chrono::DateTime;
use chrono::Utc;
use diesel::pg::Pg;
use diesel::query_builder::BoxedSqlQuery;
use diesel::query_builder::SqlQuery;
use diesel::sql_types::Array;
use diesel::sql_types::Integer;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use diesel::sql_types::Uuid as SqlUuid;

use crate::db::pattern::containing;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::key_state::KeyState;
use crate::domain::person::UserId;

/// One of the list's views.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeyView {
    /// Not ended; what disabled keys are too.
    #[default]
    Current,
    /// Current, and something about it wants a look: see `LifeFilter` and `IdleFilter`.
    Attention,
    Disabled,
    Ended,
    All,
}

/// Current keys by what is left of their life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LifeFilter {
    WithinSevenDays,
    WithinThirtyDays,
    Never,
}

/// Current keys by how long nobody has used them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdleFilter {
    NeverUsed,
    ThirtyDays,
    NinetyDays,
}

/// Current keys by how much of what they may do they use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReachFilter {
    /// Everything is allowed and little was used in the last 30 days.
    OverWide,
}

/// What somebody looks for: part of the key's or its owner's name, a key id, or the last four
/// letters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeySearch {
    /// As `domain::text::folded` makes it.
    pub folded: String,
    pub id: Option<ApiKeyId>,
    pub last_four: Option<String>,
}

/// Which keys of a workspace are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyFilter {
    pub view: KeyView,
    /// Any of these; none means all.
    pub states: Vec<KeyState>,
    /// Any of these: presets by slug, `custom`, `inherit`; none means all.
    pub scopes: Vec<String>,
    /// Any of these, letter by letter; none means all.
    pub categories: Vec<String>,
    /// Keys of any of these people; none means all.
    pub owners: Vec<UserId>,
    pub life: Option<LifeFilter>,
    pub idle: Option<IdleFilter>,
    pub reach: Option<ReachFilter>,
    pub search: Option<KeySearch>,
}

impl KeyFilter {
    /// Whether it narrows the view further.
    pub fn is_narrow(&self) -> bool {
        !self.states.is_empty()
            || !self.scopes.is_empty()
            || !self.categories.is_empty()
            || !self.owners.is_empty()
            || self.life.is_some()
            || self.idle.is_some()
            || self.reach.is_some()
            || self.search.is_some()
    }

    /// The condition on `api_keys k`, with the binds of `bound`.
    pub(super) fn sql(&self) -> String {
        let mut conditions = vec![self.view.sql()];
        if !self.states.is_empty() {
            let states: Vec<String> = self.states.iter().map(|state| state_sql(*state)).collect();
            conditions.push(format!("({})", states.join(" or ")));
        }
        if !self.scopes.is_empty() {
            conditions.push("k.preset = any($7)".to_owned());
        }
        if !self.categories.is_empty() {
            conditions.push("k.category = any($8)".to_owned());
        }
        if !self.owners.is_empty() {
            conditions.push("k.owner_id = any($9)".to_owned());
        }
        conditions.extend(self.life.map(LifeFilter::sql));
        conditions.extend(self.idle.map(IdleFilter::sql));
        conditions.extend(self.reach.map(ReachFilter::sql));
        if self.search.is_some() {
            conditions.push(SEARCH.to_owned());
        }
        conditions.join(" and ")
    }

    /// `$1` account, `$2` workspace, `$3` now, `$4` to `$6` the search, `$7` scopes, `$8`
    /// categories, `$9` owners. The statement's own begin at `$10`.
    pub(super) fn bound(
        &self,
        sql: String,
        (account, workspace): (AccountId, WorkspaceId),
        now: DateTime<Utc>,
    ) -> BoxedSqlQuery<'_, Pg, SqlQuery> {
        let search = self.search.as_ref();
        let id = search.and_then(|search| search.id.as_ref());
        diesel::sql_query(sql)
            .into_boxed::<Pg>()
            .bind::<Integer, _>(account.0)
            .bind::<Integer, _>(workspace.0)
            .bind::<Timestamptz, _>(now)
            .bind::<Nullable<Text>, _>(search.map(|search| containing(&search.folded)))
            .bind::<Nullable<Text>, _>(id.map(ApiKeyId::as_str))
            .bind::<Nullable<Text>, _>(search.and_then(|search| search.last_four.as_ref()))
            .bind::<Array<Text>, _>(&self.scopes)
            .bind::<Array<Text>, _>(&self.categories)
            .bind::<Array<SqlUuid>, _>(&self.owners)
    }
}

// The conditions of `domain::key_state`, over rows.
const CURRENT: &str = "(k.revoked_at is null and (k.expires_at is null or k.expires_at > $3))";
const RETIRING: &str = "exists (select from key_secrets r where r.account_id = k.account_id \
     and r.key_id = k.id and r.retires_at > $3)";
const WIDE: &str = "(k.preset, k.preset_version) in (select slug, version from presets \
     where '*' = any(permissions))";
// Every name of the workspace is looked at: under row-level security a pattern is no condition of an
// index, and 10,000 names are read in the time in which a function that goes round it finds one.
// (`keys_named_like` and its trigrams stay for nodes one version older.)
const SEARCH: &str = "(k.name_folded like $4 or k.id = $5
     or k.id in (select key_id from key_secrets where account_id = $1 and last_four = $6)
     or k.owner_id in (select o.id from memberships m join users o on o.id = m.user_id
         where m.account_id = $1 and (o.email_folded like $4 or lower(o.name) like $4)))";

impl KeyView {
    pub(super) fn sql(self) -> String {
        match self {
            Self::Current => CURRENT.to_owned(),
            Self::Attention => attention_sql(),
            Self::Disabled => state_sql(KeyState::Disabled),
            Self::Ended => format!("not {CURRENT}"),
            Self::All => "true".to_owned(),
        }
    }
}

impl LifeFilter {
    pub(super) fn sql(self) -> String {
        match self {
            Self::WithinSevenDays => within_days(7),
            Self::WithinThirtyDays => within_days(30),
            Self::Never => format!("({CURRENT} and k.expires_at is null)"),
        }
    }
}

impl IdleFilter {
    pub(super) fn sql(self) -> String {
        match self {
            Self::NeverUsed => format!("({CURRENT} and k.last_used_at is null)"),
            Self::ThirtyDays => idle_for_days(30),
            Self::NinetyDays => idle_for_days(90),
        }
    }
}

impl ReachFilter {
    pub(super) fn sql(self) -> String {
        match self {
            Self::OverWide => format!("({CURRENT} and k.few_permissions <> '{{}}' and {WIDE})"),
        }
    }
}

fn within_days(days: u8) -> String {
    format!("({CURRENT} and k.expires_at <= $3 + interval '{days} days')")
}

fn idle_for_days(days: u8) -> String {
    format!("({CURRENT} and k.last_used_at <= $3 - interval '{days} days')")
}

fn attention_sql() -> String {
    let reasons = [
        LifeFilter::WithinSevenDays.sql(),
        LifeFilter::Never.sql(),
        IdleFilter::NeverUsed.sql(),
        IdleFilter::NinetyDays.sql(),
        ReachFilter::OverWide.sql(),
    ];
    format!("({})", reasons.join(" or "))
}

fn state_sql(state: KeyState) -> String {
    match state {
        KeyState::Revoked => "k.revoked_at is not null".to_owned(),
        KeyState::Expired => format!("(k.revoked_at is null and not {CURRENT})"),
        KeyState::Disabled => format!("({CURRENT} and k.disabled_at is not null)"),
        KeyState::Rotating => format!("({CURRENT} and k.disabled_at is null and {RETIRING})"),
        KeyState::Active => format!("({CURRENT} and k.disabled_at is null and not {RETIRING})"),
    }
}
