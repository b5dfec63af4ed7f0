//! The demo's account, made at its historical times: everything through the functions that the
//! console uses, so that the audit log tells it too.

mod fate;
mod keys;
mod people;
mod plan;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::PgConnection;

use crate::cli::demo::cast::ACCOUNT_AGE_H;
use crate::cli::demo::cast::KEYS;
use crate::cli::demo::cast::Person;
use crate::cli::demo::cast::Place;
use crate::cli::demo::history::plan::Subject;
use crate::cli::demo::kept::Kept;
use crate::crypto::digest::Pepper;
use crate::crypto::password::PasswordHasher;
use crate::db::presets;
use crate::db::presets::Preset;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::actor::ActorKind;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::person::UserId;
use crate::domain::random::Random;

pub use crate::cli::demo::account::fate::settle_rotations;

/// Less than an hour.
const SCATTER_MS: i64 = 58 * 60 * 1_000;

/// What every step of the filling needs.
pub struct Making<'a> {
    pub kept: &'a Kept,
    pub prefix: &'a KeyPrefix,
    pub pepper: &'a Pepper,
    pub passwords: &'a PasswordHasher,
    pub random: &'a dyn Random,
    pub now: DateTime<Utc>,
}

impl Making<'_> {
    /// About so many hours ago: not everything happens at the same minute. Whole hours keep their
    /// order.
    fn ago(&self, hours: i64) -> DateTime<Utc> {
        let minute = TimeDelta::milliseconds(hours * 7_919_173 % SCATTER_MS);
        self.now - TimeDelta::hours(hours) - minute
    }
}

/// The account and who and what is in it.
pub struct Stage {
    pub account: AccountId,
    default: WorkspaceId,
    staging: WorkspaceId,
    owner: UserId,
    admin: UserId,
    presets: Vec<Preset>,
}

impl Stage {
    fn workspace(&self, place: Place) -> WorkspaceId {
        match place {
            Place::Default => self.default,
            Place::Staging => self.staging,
        }
    }

    /// Support staff make no keys.
    fn creator(&self, person: Person) -> UserId {
        match person {
            Person::Admin => self.admin,
            Person::Owner | Person::Support => self.owner,
        }
    }

    fn actor(&self, person: Person) -> Actor {
        Actor {
            kind: ActorKind::Person(self.creator(person)),
            label: person.email().to_owned(),
            ip: Some(people::address(person)),
            request_id: None,
        }
    }
}

/// Makes the account with its people and keys, and tells whose history is to be written. Call it
/// in a transaction.
pub fn create(conn: &mut PgConnection, making: &Making<'_>) -> anyhow::Result<Vec<Subject>> {
    let people = people::create(conn, making, making.ago(ACCOUNT_AGE_H))?;
    let presets = presets::latest(conn)?;
    let stage = Stage {
        account: people.account,
        default: people.default,
        staging: people.staging,
        owner: people.owner,
        admin: people.admin,
        presets,
    };
    let mut subjects = Vec::new();
    for key in &KEYS {
        let id = keys::create(conn, making, &stage, key)?;
        fate::befall(conn, making, &stage, (key, id))?;
        subjects.extend(keys::subject(making, &stage, (key, id)));
    }
    Ok(subjects)
}
