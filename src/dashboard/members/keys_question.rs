//! What becomes of the keys of somebody who leaves: asked there and then, and read from the answer.

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::form::FormErrors;
use crate::dashboard::keys;
use crate::dashboard::keys::status::StatusBadge;
use crate::dashboard::number;
use crate::dashboard::posted::Fields;
use crate::db::DbError;
use crate::db::members;
use crate::db::members::Heir;
use crate::db::members::KeyFate;
use crate::db::members::KeyLeft;
use crate::db::members::KeysLeft;
use crate::db::members::Leaving;
use crate::domain::person::Email;
use crate::domain::person::UserId;

/// More people are not listed: one is named by their address then.
const HEIRS_MAX: usize = 50;

const KEEP: &str = "keep";
const HAND_OVER: &str = "hand-over";
const DISABLE: &str = "disable";

pub const UNANSWERED: &str = "Choose what becomes of the keys.";
/// Whoever the address belongs to, or nobody: that is not told apart.
pub const NO_HEIR: &str =
    "Name somebody who may create keys in each workspace that these keys are in.";

/// The keys, and who could take them, as a page asks about them.
pub struct KeysQuestion {
    /// Whose they are: "Grace Hopper’s", "your".
    whose: String,
    /// Who leaves: "Grace Hopper", "you".
    who: String,
    pub count: i64,
    pub inheriting: i64,
    pub lines: Vec<KeyLine>,
    /// "Default 3, Staging 1"; empty for one workspace.
    pub places: String,
    pub heirs: Vec<HeirChoice>,
    /// There are more than are listed.
    pub many_heirs: bool,
    pub chosen: String,
    pub to: String,
}

pub struct KeyLine {
    pub name: String,
    /// `None` where its workspace is archived.
    pub url: Option<String>,
    pub workspace: String,
    pub status: StatusBadge,
    pub inherits: bool,
}

pub struct HeirChoice {
    pub id: String,
    pub label: String,
}

/// Who is asked about whom.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// Who leaves; `None` is who asks.
    pub name: Option<&'a str>,
    /// Whether who asks may know people's addresses.
    pub sees_addresses: bool,
}

/// As the database has it.
pub struct Found {
    keys: KeysLeft,
    heirs: Vec<Heir>,
}

pub fn find(
    conn: &mut diesel::PgConnection,
    leaving: Leaving,
    now: DateTime<Utc>,
) -> Result<Found, DbError> {
    let keys = members::keys_left(conn, leaving, now)?;
    let most = i64::try_from(HEIRS_MAX + 1).unwrap_or(i64::MAX);
    let heirs = if keys.keys > 0 {
        members::heirs(conn, leaving, now, (None, most))?
    } else {
        Vec::new()
    };
    Ok(Found { keys, heirs })
}

impl KeysQuestion {
    pub fn new(found: Found, asking: Asking<'_>, now: DateTime<Utc>) -> Self {
        let Found { keys, mut heirs } = found;
        let many_heirs = heirs.len() > HEIRS_MAX;
        if many_heirs {
            heirs.clear();
        }
        let label = |heir: &Heir| {
            if asking.sees_addresses {
                format!("{} ({})", heir.name, heir.email)
            } else {
                heir.name.clone()
            }
        };
        Self {
            whose: asking
                .name
                .map_or_else(|| "your".to_owned(), |name| format!("{name}’s")),
            who: asking.name.unwrap_or("you").to_owned(),
            count: keys.keys,
            inheriting: keys.inheriting,
            places: places(&keys.places),
            lines: keys.first.into_iter().map(|key| line(key, now)).collect(),
            heirs: heirs
                .iter()
                .map(|heir| HeirChoice {
                    id: heir.id.to_string(),
                    label: label(heir),
                })
                .collect(),
            many_heirs,
            chosen: String::new(),
            to: String::new(),
        }
    }

    #[must_use]
    pub fn with_answer(self, fields: &Fields) -> Self {
        Self {
            chosen: fields.get("keys").to_owned(),
            to: fields.get("to").to_owned(),
            ..self
        }
    }

    pub fn is_chosen(&self, answer: &str) -> bool {
        self.chosen == answer
    }

    /// "3 keys are Grace Hopper’s"
    pub fn heading(&self) -> String {
        let keys = number::counted(self.count, "key", "keys");
        let verb = if self.count == 1 { "is" } else { "are" };
        match self.who.as_str() {
            "you" => format!("{keys} {verb} yours"),
            _ => format!("{keys} {verb} {}", self.whose),
        }
    }

    /// Of keys beyond those that are named.
    pub fn more(&self) -> String {
        let named = i64::try_from(self.lines.len()).unwrap_or(i64::MAX);
        match self.count - named {
            more if more > 0 => format!("And {}.", number::counted(more, "more key", "more keys")),
            _ => String::new(),
        }
    }

    pub fn may_hand_over(&self) -> bool {
        self.many_heirs || !self.heirs.is_empty()
    }

    pub fn keep_hint(&self) -> String {
        let plain = "They go on working and belong to nobody: the admins of their workspace look \
                     after them.";
        match self.inheriting {
            0 => plain.to_owned(),
            some => format!(
                "{plain} {} refused from then on: nobody is left whose rights {} could have.",
                number::counted(some, "that inherits is", "that inherit are"),
                if some == 1 { "it" } else { "they" },
            ),
        }
    }

    pub fn hand_over_hint(&self) -> String {
        let plain = "They go on working and are the new owner’s own.";
        match self.inheriting {
            0 => plain.to_owned(),
            some => format!(
                "{plain} {} what the new owner may. Where that is more than now, {} disabled as \
                 well, for the new owner to enable.",
                number::counted(some, "that inherits may do", "that inherit may do"),
                if some == 1 { "it is" } else { "they are" },
            ),
        }
    }
}

fn places(places: &[(String, i64)]) -> String {
    if places.len() < 2 {
        return String::new();
    }
    let named: Vec<String> = places
        .iter()
        .map(|(name, keys)| format!("{name} {}", number::grouped(*keys)))
        .collect();
    named.join(", ")
}

fn line(key: KeyLeft, now: DateTime<Utc>) -> KeyLine {
    let id = key.id.parse().ok();
    KeyLine {
        url: key.slug.zip(id).map(|(slug, id)| keys::url(&slug, id)),
        status: StatusBadge::of(&key.times, None, now),
        name: key.name,
        workspace: key.workspace,
        inherits: key.inherits,
    }
}

/// What a form says of the keys.
pub enum Answer {
    /// It was not asked, or not answered.
    Nothing,
    Fate(KeyFate),
    HandOverToAddress(Email),
}

/// What was chosen, or why that is none, said at the field.
pub fn answer(fields: &Fields, errors: &mut FormErrors) -> Answer {
    match fields.get("keys") {
        KEEP => Answer::Fate(KeyFate::MakeService),
        DISABLE => Answer::Fate(KeyFate::Disable),
        HAND_OVER => {
            let to = fields.get("to");
            let known: Option<UserId> = to.parse().ok();
            if let Some(id) = known {
                return Answer::Fate(KeyFate::HandOver(id));
            }
            if let Ok(email) = to.parse() {
                return Answer::HandOverToAddress(email);
            }
            errors.add("to", NO_HEIR);
            Answer::Nothing
        }
        _ => Answer::Nothing,
    }
}
