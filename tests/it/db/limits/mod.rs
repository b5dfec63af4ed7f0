//! The counters of limits and plans, at moments that the tests set.

mod adding;
mod sweeping;
mod taking;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;
use latchkey::db::limits;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::lease::Ask;
use latchkey::domain::lease::Grant;
use latchkey::domain::lease::Leftover;
use latchkey::domain::lease::SpanState;
use latchkey::domain::lease::Subject;
use latchkey::domain::lease::Usage;

use super::fixture::Fixture;

/// A Wednesday, 300 ms into a minute.
const START: &str = "2026-11-18T09:41:00.3Z";

/// A database, a subject in it and a clock.
struct Counters {
    fixture: Fixture,
    subject: Subject,
    now: DateTime<Utc>,
}

impl Counters {
    fn of(fixture: Fixture, subject: Subject) -> Self {
        let now = START.parse().unwrap();
        Self {
            fixture,
            subject,
            now,
        }
    }

    /// Of a key whose limits are `limits`: `daily = 3, total = 7`.
    fn of_key(limits: &str) -> Self {
        let mut fixture = Fixture::new();
        let key = fixture.key("counted");
        limit(&mut fixture, key, limits);
        Self::of(fixture, Subject::Key(key))
    }

    /// Of an account whose plan has `columns`: `per_second = 5`.
    fn of_rate(columns: &str) -> Self {
        let mut fixture = Fixture::new();
        fixture.execute(&format!("update plans set {columns}"));
        Self::of(fixture, Subject::Rate)
    }

    fn of_meter(kind: &str, amount: u64) -> Self {
        let mut fixture = Fixture::new();
        fixture.execute(&format!(
            "insert into meters (slug, label, kind) values ('things', 'Things', '{kind}');
             insert into plan_meters (plan, meter, amount) values ('standard', 'things', {amount})"
        ));
        Self::of(fixture, Subject::Meter("things".into()))
    }

    fn at(&mut self, moment: &str) {
        self.now = moment.parse().unwrap();
    }

    fn pass(&mut self, time: TimeDelta) {
        self.now += time;
    }

    fn take(&mut self, needed: u64, wanted: u64) -> Grant {
        let ask = Ask {
            account: self.fixture.account,
            subject: self.subject.clone(),
            needed,
            wanted,
        };
        let grants = limits::take(&mut self.fixture.conn, &[ask], Some(self.now)).unwrap();
        let [grant] = grants.try_into().unwrap();
        grant
    }

    /// What is granted of one unit after the other, until there is none.
    fn take_all(&mut self) -> u64 {
        (0..1_000)
            .map(|_| self.take(1, 1).amount)
            .take_while(|granted| *granted > 0)
            .sum()
    }

    fn give_back(&mut self, grant: &Grant, amount: u64) {
        let leftover = Leftover {
            account: self.fixture.account,
            subject: self.subject.clone(),
            charge: grant.charge,
            amount,
        };
        limits::give_back(&mut self.fixture.conn, &[leftover], Some(self.now)).unwrap();
    }

    fn add(&mut self, amount: i64, at: DateTime<Utc>) {
        let usage = Usage {
            account: self.fixture.account,
            subject: self.subject.clone(),
            amount,
            at,
        };
        limits::add(&mut self.fixture.conn, &[usage], Some(self.now)).unwrap();
    }

    fn states(&mut self) -> Vec<SpanState> {
        let account = self.fixture.account;
        let subjects = [self.subject.clone()];
        limits::states(&mut self.fixture.conn, account, &subjects, Some(self.now))
            .unwrap()
            .remove(&self.subject)
            .unwrap_or_default()
    }

    fn used(&mut self) -> u64 {
        let [state] = self.states().try_into().unwrap();
        state.used
    }

    fn count(&mut self, sql: &str) -> i64 {
        #[derive(diesel::QueryableByName)]
        struct Number {
            #[diesel(sql_type = BigInt)]
            number: i64,
        }
        let sql = format!("select ({sql})::bigint as number");
        let found: Number = diesel::sql_query(sql)
            .get_result(&mut self.fixture.conn)
            .unwrap();
        found.number
    }
}

fn limit(fixture: &mut Fixture, key: ApiKeyId, limits: &str) {
    let account = fixture.account.0;
    fixture.execute(&format!(
        "insert into key_limits (account_id, key_id) values ({account}, '{key}')
             on conflict do nothing;
         update key_limits set {limits} where key_id = '{key}'"
    ));
}

fn seconds(count: i64) -> TimeDelta {
    TimeDelta::seconds(count)
}
