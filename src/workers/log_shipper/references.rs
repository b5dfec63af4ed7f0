//! From records to rows: the partitions, texts and names that rows refer to.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::PgConnection;
use foldhash::fast::RandomState;

use crate::db::DbError;
use crate::db::key_use;
use crate::db::log_texts::TextKind;
use crate::db::request_log::NewDetail;
use crate::db::request_log::NewLogRow;
use crate::db::request_log::NewLogRows;
use crate::db::request_log::partitions;
use crate::domain::account::AccountId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;
use crate::spool::record::DecisionRecord;
use crate::workers::log_shipper::texts::Texts;

/// Keys whose names are remembered. Beyond this many, all are forgotten.
const NAMES_MAX: usize = 100_000;

type Key = (AccountId, ApiKeyId);

/// What was looked up or made already.
#[derive(Default)]
pub struct References {
    texts: Texts,
    /// Days whose partition is there.
    days: BTreeSet<NaiveDate>,
    /// The numbers of the names of keys.
    names: HashMap<Key, i32, RandomState>,
}

impl References {
    pub fn forget(&mut self) {
        self.texts.forget();
        self.days.clear();
        self.forget_names();
    }

    /// Keys are renamed, so what is remembered of a name is good for a batch.
    pub fn forget_names(&mut self) {
        self.names.clear();
    }

    /// The rows of `decisions`; whatever they refer to is there afterwards.
    pub fn rows(
        &mut self,
        conn: &mut PgConnection,
        decisions: &[DecisionRecord<'_>],
        today: NaiveDate,
    ) -> Result<NewLogRows, DbError> {
        self.look_up(conn, decisions, today)?;
        let mut rows = NewLogRows::default();
        for decision in decisions {
            rows.push(&self.row(decision)?);
        }
        Ok(rows)
    }

    /// What the refusals among `decisions` missed; `rows` has looked their texts up.
    pub fn details(&self, decisions: &[DecisionRecord<'_>]) -> Result<Vec<NewDetail>, DbError> {
        let named = decisions.iter().filter(|one| !one.detail.is_empty());
        let detail = |one: &DecisionRecord<'_>| {
            Ok(NewDetail {
                at: one.at,
                account_id: one.account.0,
                request_id: one.request_id.to_string(),
                detail_id: self.texts.number(TextKind::Detail, &one.detail)?,
            })
        };
        named.map(detail).collect()
    }

    fn look_up(
        &mut self,
        conn: &mut PgConnection,
        decisions: &[DecisionRecord<'_>],
        today: NaiveDate,
    ) -> Result<(), DbError> {
        let days: HashSet<NaiveDate, RandomState> =
            decisions.iter().map(|one| one.at.date_naive()).collect();
        if !days.iter().all(|day| self.days.contains(day)) {
            let wanted: BTreeSet<NaiveDate> = days.into_iter().collect();
            let wanted: Vec<NaiveDate> = wanted.into_iter().collect();
            partitions::ensure(conn, &wanted)?;
            self.days.extend(wanted);
        }
        self.texts.turn_to(today);
        let paths = decisions.iter().map(|one| &*one.path);
        self.texts.learn(conn, TextKind::Path, paths)?;
        let agents = decisions.iter().map(|one| &*one.agent);
        self.texts.learn(conn, TextKind::Agent, agents)?;
        let details = decisions.iter().map(|one| &*one.detail);
        let details = details.filter(|detail| !detail.is_empty());
        self.texts.learn(conn, TextKind::Detail, details)?;
        self.learn_names(conn, decisions)
    }

    fn learn_names(
        &mut self,
        conn: &mut PgConnection,
        decisions: &[DecisionRecord<'_>],
    ) -> Result<(), DbError> {
        if self.names.len() > NAMES_MAX {
            self.forget_names();
        }
        let keys = decisions.iter().map(|one| (one.account, one.key));
        let missing: HashSet<Key, RandomState> =
            keys.filter(|key| !self.names.contains_key(key)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let missing: Vec<Key> = missing.into_iter().collect();
        let found = key_use::names(conn, &missing)?;
        // A key that was deleted meanwhile has no name.
        let name_of = |key: &Key| found.get(key).map_or("", String::as_str);
        let values = missing.iter().map(name_of);
        self.texts.learn(conn, TextKind::KeyName, values)?;
        for key in &missing {
            let name = self.texts.number(TextKind::KeyName, name_of(key))?;
            self.names.insert(*key, name);
        }
        Ok(())
    }

    fn row(&self, decision: &DecisionRecord<'_>) -> Result<NewLogRow, DbError> {
        let name = self.names.get(&(decision.account, decision.key));
        Ok(NewLogRow {
            at: decision.at,
            account_id: decision.account.0,
            workspace_id: decision.workspace.0,
            path_id: self.texts.number(TextKind::Path, &decision.path)?,
            agent_id: self.texts.number(TextKind::Agent, &decision.agent)?,
            name_id: *name.ok_or(DbError::NotFound)?,
            credits: clamped(decision.credits),
            duration_us: decision.duration_us.map(clamped),
            status: decision.status.map(u16::cast_signed),
            code: i16::from(decision.denied.map_or(0, DenyReason::number)),
            method: i16::from(decision.method.map_or(0, Method::number)),
            surface: i16::from(decision.surface.number()),
            generation: decision.generation,
            key_id: decision.key,
            request_id: decision.request_id,
            ip: decision.ip,
        })
    }
}

pub fn clamped(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
