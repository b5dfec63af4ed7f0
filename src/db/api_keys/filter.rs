use crate::domain::api_key::ApiKeyId;
use crate::domain::key_state::KeyState;

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
    Never,
}

/// Current keys by how long nobody has used them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdleFilter {
    NeverUsed,
    NinetyDays,
}

/// What somebody looks for: part of a name, a key id, or the last four letters.
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
    pub life: Option<LifeFilter>,
    pub idle: Option<IdleFilter>,
    pub search: Option<KeySearch>,
}

impl KeyFilter {
    /// Whether it narrows the view further.
    pub fn is_narrow(&self) -> bool {
        !self.states.is_empty()
            || !self.scopes.is_empty()
            || self.life.is_some()
            || self.idle.is_some()
            || self.search.is_some()
    }

    /// The condition on `api_keys k`. Binds: `$1` account, `$3` now, `$4` to `$6` the search, `$7`
    /// the scopes.
    pub(super) fn sql(&self) -> String {
        let mut conditions = vec![self.view.sql()];
        if !self.states.is_empty() {
            let states: Vec<String> = self.states.iter().map(|state| state_sql(*state)).collect();
            conditions.push(format!("({})", states.join(" or ")));
        }
        if !self.scopes.is_empty() {
            conditions.push("k.preset = any($7)".to_owned());
        }
        conditions.extend(self.life.map(LifeFilter::sql));
        conditions.extend(self.idle.map(IdleFilter::sql));
        if self.search.is_some() {
            conditions.push(SEARCH.to_owned());
        }
        conditions.join(" and ")
    }
}

// The conditions of `domain::key_state`, over rows.
const CURRENT: &str = "(k.revoked_at is null and (k.expires_at is null or k.expires_at > $3))";
const RETIRING: &str = "exists (select from key_secrets r where r.account_id = k.account_id \
     and r.key_id = k.id and r.retires_at > $3)";
const SEARCH: &str = "(strpos(k.name_folded, $4) > 0 or k.id = $5 or k.id in \
     (select key_id from key_secrets where account_id = $1 and last_four = $6))";

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
            Self::WithinSevenDays => {
                format!("({CURRENT} and k.expires_at <= $3 + interval '7 days')")
            }
            Self::Never => format!("({CURRENT} and k.expires_at is null)"),
        }
    }
}

impl IdleFilter {
    pub(super) fn sql(self) -> String {
        match self {
            Self::NeverUsed => format!("({CURRENT} and k.last_used_at is null)"),
            Self::NinetyDays => {
                format!("({CURRENT} and k.last_used_at <= $3 - interval '90 days')")
            }
        }
    }
}

fn attention_sql() -> String {
    let reasons = [
        LifeFilter::WithinSevenDays.sql(),
        LifeFilter::Never.sql(),
        IdleFilter::NeverUsed.sql(),
        IdleFilter::NinetyDays.sql(),
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
