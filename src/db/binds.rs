//! The values of a statement whose conditions differ from question to question.

use chrono::DateTime;
use chrono::Utc;
use diesel::pg::Pg;
use diesel::query_builder::BoxedSqlQuery;
use diesel::query_builder::SqlQuery;
use diesel::sql_types::Array;
use diesel::sql_types::Inet;
use diesel::sql_types::Int2;
use diesel::sql_types::Int4;
use diesel::sql_types::Int8;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use diesel::sql_types::Uuid as SqlUuid;
use ipnet::IpNet;

use crate::domain::person::UserId;

pub enum Bind {
    Small(i16),
    Number(i32),
    Long(i64),
    Text(String),
    Time(DateTime<Utc>),
    Network(IpNet),
    Person(UserId),
    Smalls(Vec<i16>),
    Numbers(Vec<i32>),
    Texts(Vec<String>),
}

/// In the order of their places: `$1`, `$2`, …
#[derive(Default)]
pub struct Binds(Vec<Bind>);

impl Binds {
    /// Keeps `bind` and tells its place.
    pub fn place(&mut self, bind: Bind) -> String {
        self.0.push(bind);
        format!("${}", self.0.len())
    }

    pub fn query(self, sql: String) -> BoxedSqlQuery<'static, Pg, SqlQuery> {
        let mut query = diesel::sql_query(sql).into_boxed::<Pg>();
        for bind in self.0 {
            query = match bind {
                Bind::Small(value) => query.bind::<Int2, _>(value),
                Bind::Number(value) => query.bind::<Int4, _>(value),
                Bind::Long(value) => query.bind::<Int8, _>(value),
                Bind::Text(value) => query.bind::<Text, _>(value),
                Bind::Time(value) => query.bind::<Timestamptz, _>(value),
                Bind::Network(value) => query.bind::<Inet, _>(value),
                Bind::Person(value) => query.bind::<SqlUuid, _>(value),
                Bind::Smalls(values) => query.bind::<Array<Int2>, _>(values),
                Bind::Numbers(values) => query.bind::<Array<Int4>, _>(values),
                Bind::Texts(values) => query.bind::<Array<Text>, _>(values),
            };
        }
        query
    }
}
