//! Somebody leaves an account or a workspace: the page that asks, and what is said afterwards.

use std::str::FromStr;

use actix_web::http::StatusCode;
use askama::Template;

use crate::dashboard::confirmed::Deed;
use crate::dashboard::confirmed::Effect;
use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::members::keys_question;
use crate::dashboard::members::keys_question::Answer;
use crate::dashboard::members::keys_question::KeysQuestion;
use crate::dashboard::members::role;
use crate::dashboard::number;
use crate::dashboard::page::PageContext;
use crate::dashboard::posted::Fields;
use crate::dashboard::posted::Posted;
use crate::db::Db;
use crate::db::DbError;
use crate::db::members;
use crate::db::members::ABOVE_THEIRS;
use crate::db::members::GONE_MEANWHILE;
use crate::db::members::KEYS_UNANSWERED;
use crate::db::members::KeyFate;
use crate::db::members::LAST_OWNER;
use crate::db::members::NO_HEIR;
use crate::db::members::ROLE_CHANGED_MEANWHILE;
use crate::db::members::Removal;
use crate::db::members::Settled;
use crate::domain::account::AccountId;

#[derive(Template)]
#[template(path = "members/remove.html")]
pub struct RemovePage {
    pub page: PageContext,
    pub errors: FormErrors,
    /// "Remove Grace Hopper from Acme"
    pub title: String,
    /// What it means, beside the keys.
    pub meaning: String,
    /// Why it cannot be; empty where it can.
    pub barred: String,
    /// The role as it is: its name in the form.
    pub was: &'static str,
    pub keys: KeysQuestion,
    /// What somebody changed meanwhile; empty but for a race.
    pub race: String,
    /// Of the form.
    pub url: String,
    pub back_url: String,
    pub back: String,
    /// What the button says, before and while.
    pub button: (String, &'static str),
}

impl RemovePage {
    /// With what was sent, and why it was refused.
    /// With what was sent before, where something was.
    pub fn filled(self, kept: Option<&Fields>) -> Self {
        match kept {
            Some(kept) => Self {
                keys: self.keys.with_answer(kept),
                ..self
            },
            None => self,
        }
    }

    pub fn again(self, posted: &Posted, refused: Refused) -> Html<Self> {
        let page = Self {
            keys: self.keys.with_answer(posted),
            errors: refused.errors,
            race: refused.race,
            ..self
        };
        Html(refused.status, page)
    }
}

/// Who leaves what, in words.
#[derive(Clone, Copy)]
pub struct Parting<'a> {
    pub name: &'a str,
    /// The account or workspace.
    pub from: &'a str,
}

/// How a page comes back whose wish was refused.
pub struct Refused {
    pub status: StatusCode,
    pub errors: FormErrors,
    pub race: String,
}

impl Refused {
    pub fn fault(field: &'static str, message: impl Into<String>) -> Self {
        let mut errors = FormErrors::default();
        errors.add(field, message);
        Self::of(errors)
    }

    pub fn of(errors: FormErrors) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            errors,
            race: String::new(),
        }
    }
}

impl Parting<'_> {
    /// What a refusal of the database means to who asked.
    pub fn refused(self, error: DbError) -> Result<Refused, PageError> {
        let Self { name, from } = self;
        if error.is_conflict_on(ABOVE_THEIRS) {
            return Err(role::above(from));
        }
        if error.is_conflict_on(GONE_MEANWHILE) {
            return Err(PageError::Conflict(format!(
                "{name} is no longer a member of {from}: somebody else was faster. Nothing of \
                 yours was saved."
            )));
        }
        if error.is_conflict_on(LAST_OWNER) {
            return Ok(Refused::fault("", role::last_owner(name, from)));
        }
        if error.is_conflict_on(KEYS_UNANSWERED) {
            return Ok(Refused::fault("keys", keys_question::UNANSWERED));
        }
        if error.is_conflict_on(NO_HEIR) {
            return Ok(Refused::fault("to", keys_question::NO_HEIR));
        }
        if error.is_conflict_on(ROLE_CHANGED_MEANWHILE) {
            return Ok(Refused {
                status: StatusCode::CONFLICT,
                errors: FormErrors::default(),
                race: format!(
                    "Somebody changed the role of {name} meanwhile. Nothing of yours was saved."
                ),
            });
        }
        Err(error.into())
    }

    /// What was done, for the nodes' confirmation to be added.
    pub fn deed(self, keys: Settled, fate: Option<KeyFate>) -> Deed {
        let Self { name, from } = self;
        let count = number::counted(keys.keys, "key", "keys");
        let are = if keys.keys == 1 { "is" } else { "are" };
        let removed = format!("{name} is removed from {from}");
        let done = match fate {
            _ if keys.keys == 0 => removed,
            Some(KeyFate::Disable) => format!("{removed} and their {count} {are} disabled"),
            Some(KeyFate::HandOver(_)) => format!(
                "{removed} and their {count} {are} handed over{}",
                of_which(keys.disabled, "disabled until its new owner enables it")
            ),
            Some(KeyFate::MakeService) | None => format!(
                "{removed} and their {count} {are} kept without an owner{}",
                of_which(keys.inheriting, "refused")
            ),
        };
        let all_end = match fate {
            Some(KeyFate::Disable) => true,
            Some(KeyFate::MakeService) => keys.inheriting == keys.keys,
            _ => false,
        };
        Deed {
            done,
            doing: format!("Removing {name} from {from}"),
            effect: match keys.keys {
                1 if all_end => Effect::Ends,
                2.. if all_end => Effect::EndsAll,
                _ => Effect::Changes,
            },
        }
    }
}

/// ", 2 of them refused"
fn of_which(count: i64, what: &str) -> String {
    if count == 0 {
        return String::new();
    }
    format!(", {} of them {what}", number::grouped(count))
}

/// What a sent form asks for: whose role it saw, and what becomes of the keys.
pub async fn wish<R: FromStr>(
    db: &Db,
    account: AccountId,
    posted: &Posted,
) -> Result<Result<Removal<R>, Refused>, PageError> {
    let Ok(role) = posted.get("was").parse() else {
        return Ok(Err(Refused::fault(
            "",
            "Look at what would become of it, and send it again.",
        )));
    };
    let mut errors = FormErrors::default();
    let answer = keys_question::answer(posted, &mut errors);
    if !errors.is_empty() {
        return Ok(Err(Refused::of(errors)));
    }
    let fate = fate(db, account, answer).await?;
    Ok(fate.map(|fate| Removal { role, fate }))
}

/// The answer with whoever an address stands for; the refusal of one that cannot be.
async fn fate(
    db: &Db,
    account: AccountId,
    answer: Answer,
) -> Result<Result<Option<KeyFate>, Refused>, PageError> {
    let email = match answer {
        Answer::Nothing => return Ok(Ok(None)),
        Answer::Fate(fate) => return Ok(Ok(Some(fate))),
        Answer::HandOverToAddress(email) => email,
    };
    let found = db
        .run(move |conn| members::find_by_email(conn, account, &email))
        .await?;
    Ok(match found {
        Some(id) => Ok(Some(KeyFate::HandOver(id))),
        None => Err(Refused::fault("to", keys_question::NO_HEIR)),
    })
}
