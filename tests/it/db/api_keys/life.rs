//! A key's life as a machine: whatever is done in whatever order, its state is the one that the
//! words say, and never do more than two secrets work.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use latchkey::db::DbError;
use latchkey::db::api_keys;
use latchkey::db::api_keys::Deleted;
use latchkey::db::api_keys::Dropped;
use latchkey::db::api_keys::Revocation;
use latchkey::db::api_keys::Rotated;
use latchkey::db::api_keys::Rotation;
use latchkey::db::api_keys::Stopping;
use latchkey::db::api_keys::Switch;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::key_state::KeyState;
use latchkey::domain::overlap::Overlap;
use proptest::prelude::*;
use proptest::test_runner::Config;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

use crate::db::fixture::Fixture;
use crate::db::fixture::now;

/// The key ends by itself after this many hours.
const LIFE_H: i64 = 60;
const STEPS_MAX: usize = 14;
const CASES: u32 = 40;

#[derive(Debug, Clone, Copy)]
enum Step {
    Wait(i64),
    Disable,
    Enable,
    Rotate(Overlap, Option<Dropped>),
    End,
    Extend,
    Revoke,
    Use,
    Delete,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let overlap = prop_oneof![
        Just(Overlap::Now),
        Just(Overlap::Hour),
        Just(Overlap::Day),
        Just(Overlap::Week),
    ];
    let dropped = prop_oneof![
        Just(None),
        Just(Some(Dropped::Old)),
        Just(Some(Dropped::Current)),
    ];
    let step = prop_oneof![
        4 => (1_i64..12).prop_map(Step::Wait),
        2 => Just(Step::Disable),
        2 => Just(Step::Enable),
        6 => (overlap, dropped).prop_map(|(overlap, dropped)| Step::Rotate(overlap, dropped)),
        2 => Just(Step::End),
        2 => Just(Step::Extend),
        1 => Just(Step::Revoke),
        1 => Just(Step::Use),
        1 => Just(Step::Delete),
    ];
    proptest::collection::vec(step, 1..STEPS_MAX)
}

/// What the words say of a key.
#[derive(Debug, Default)]
struct Model {
    hours: i64,
    disabled: bool,
    revoked: bool,
    used: bool,
    /// Ends in so many hours from the beginning, and whether that was put off.
    old: Option<(i64, bool)>,
    secrets: i64,
}

impl Model {
    fn old(&self) -> Option<(i64, bool)> {
        self.old.filter(|(ends, _)| *ends > self.hours)
    }

    fn state(&self) -> KeyState {
        if self.revoked {
            KeyState::Revoked
        } else if self.hours >= LIFE_H {
            KeyState::Expired
        } else if self.disabled {
            KeyState::Disabled
        } else if self.old().is_some() {
            KeyState::Rotating
        } else {
            KeyState::Active
        }
    }

    /// Whether the step is one that this key takes.
    fn take(&mut self, step: Step) -> bool {
        let works = matches!(self.state(), KeyState::Active | KeyState::Rotating);
        match step {
            Step::Wait(hours) => self.hours += hours,
            Step::Disable if !self.revoked && !self.disabled => self.disabled = true,
            Step::Enable if !self.revoked && self.disabled => self.disabled = false,
            Step::Rotate(Overlap::Now, _) if works => {
                (self.old, self.secrets) = (None, self.secrets + 1);
            }
            Step::Rotate(overlap, dropped) if works => {
                if self.old().is_some() && dropped.is_none() {
                    return false;
                }
                let hours = (overlap.ends_at(now(), None) - now()).num_hours();
                self.old = Some(((self.hours + hours).min(LIFE_H), false));
                self.secrets += 1;
            }
            Step::End if !self.revoked && self.old().is_some() => self.old = None,
            Step::Extend if !self.revoked => match self.old() {
                Some((ends, false)) if ends < LIFE_H => {
                    self.old = Some(((ends + 24).min(LIFE_H), true));
                }
                _ => return false,
            },
            Step::Revoke if !self.revoked => self.revoked = true,
            Step::Use => self.used = true,
            Step::Delete if !self.used => {}
            _ => return false,
        }
        true
    }
}

struct Life<'a> {
    fixture: &'a mut Fixture,
    id: ApiKeyId,
}

impl Life<'_> {
    /// Whether it was taken.
    fn take(&mut self, step: Step, at: DateTime<Utc>) -> bool {
        let (actor, id) = (self.fixture.actor(), self.id);
        let place = (self.fixture.account, self.fixture.workspace, id);
        let conn = &mut self.fixture.conn;
        match step {
            Step::Wait(_) => true,
            Step::Disable => was_taken(api_keys::switch(conn, &actor, at, place, Switch::Off)),
            Step::Enable => was_taken(api_keys::switch(conn, &actor, at, place, Switch::On)),
            Step::Rotate(overlap, dropped) => self.rotate((overlap, dropped), at),
            Step::End => was_taken(api_keys::end_overlap(conn, &actor, at, place)),
            Step::Extend => was_taken(api_keys::extend_overlap(conn, &actor, at, place)),
            Step::Revoke => {
                let revocation = Revocation {
                    account_id: place.0,
                    workspace_id: place.1,
                    id,
                    reason: None,
                };
                was_taken(api_keys::revoke(conn, &actor, at, &revocation))
            }
            Step::Use => {
                let sql = format!("update api_keys set last_used_at = now() where id = '{id}'");
                self.fixture.execute(&sql);
                true
            }
            Step::Delete => match api_keys::stop_to_delete(conn, &actor, at, place).unwrap() {
                Stopping::Used => false,
                Stopping::Stopped(stopped) => {
                    let stopped = (place, stopped);
                    let deleted = api_keys::delete_stopped(conn, &actor, at, stopped).unwrap();
                    matches!(deleted, Deleted::Done(_))
                }
            },
        }
    }

    fn rotate(
        &mut self,
        (overlap, dropped): (Overlap, Option<Dropped>),
        at: DateTime<Utc>,
    ) -> bool {
        let (draft, _) = self.fixture.draft("a secret");
        let (account, workspace) = (self.fixture.account, self.fixture.workspace);
        let conn = &mut self.fixture.conn;
        let key = api_keys::find(conn, account, workspace, self.id).unwrap();
        let rotation = Rotation {
            place: (account, workspace, self.id),
            version: key.version,
            overlap,
            dropped,
            operation: Uuid::new_v4(),
            digest: draft.digest,
            last_four: draft.last_four,
        };
        let actor = self.fixture.actor();
        let rotated = api_keys::rotate(&mut self.fixture.conn, &actor, at, &rotation).unwrap();
        matches!(rotated, Rotated::Done { .. })
    }
}

fn was_taken<T>(done: Result<T, DbError>) -> bool {
    match done {
        Ok(_) => true,
        Err(DbError::Conflict(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn every_step_leads_where_the_words_say() {
    let mut fixture = Fixture::new();
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::with_cases(CASES)
    });
    let fixture = std::cell::RefCell::new(&mut fixture);
    let run = |steps: Vec<Step>| {
        let mut fixture = fixture.borrow_mut();
        let name = Uuid::new_v4().to_string();
        let (mut new, _) = fixture.draft(&name);
        new.expires_at = Some(now() + TimeDelta::hours(LIFE_H));
        fixture.insert(&new).unwrap();
        let mut life = Life {
            id: new.id,
            fixture: &mut fixture,
        };
        let mut model = Model {
            secrets: 1,
            ..Model::default()
        };
        for step in steps {
            let expected = model.take(step);
            let at = now() + TimeDelta::hours(model.hours);
            prop_assert_eq!(life.take(step, at), expected, "{:?} of {:?}", step, model);
            let (account, workspace) = (life.fixture.account, life.fixture.workspace);
            let found = api_keys::find(&mut life.fixture.conn, account, workspace, life.id);
            if expected && matches!(step, Step::Delete) {
                prop_assert!(matches!(found, Err(DbError::NotFound)));
                break;
            }
            let key = found.unwrap();
            prop_assert_eq!(
                key.times.state(at),
                model.state(),
                "{:?} of {:?}",
                step,
                model
            );
            let working = key.secrets.iter().filter(|secret| secret.works(at)).count();
            prop_assert_eq!(working, 1 + usize::from(model.old().is_some()));
            prop_assert_eq!(
                i64::from(key.secrets.last().unwrap().generation),
                model.secrets
            );
            let ends = key
                .secrets
                .iter()
                .filter_map(|secret| secret.retires_at)
                .max();
            prop_assert!(ends <= key.times.expires_at);
        }
        Ok(())
    };
    runner.run(&steps(), run).unwrap();
}
