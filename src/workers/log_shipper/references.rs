//! From records to rows: the partitions, texts and names that rows refer to.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::PgConnection;
use ipnet::IpNet;

use crate::db::DbError;
use crate::db::key_use;
use crate::db::key_use::KeyNames;
use crate::db::log_texts::TextKind;
use crate::db::request_log::NewDetail;
use crate::db::request_log::NewLogRow;
use crate::db::request_log::partitions;
use crate::domain::account::AccountId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;
use crate::spool::record::DecisionRecord;
use crate::workers::log_shipper::texts::Texts;

/// What was looked up or made already.
#[derive(Default)]
pub struct References {
    texts: Texts,
    /// Days whose partition is there.
    days: BTreeSet<NaiveDate>,
}

impl References {
    pub fn forget(&mut self) {
        self.texts.forget();
        self.days.clear();
    }

    /// The rows of `decisions`; whatever they refer to is there afterwards.
    pub fn rows<'a>(
        &mut self,
        conn: &mut PgConnection,
        decisions: &'a [DecisionRecord<'_>],
        today: NaiveDate,
    ) -> Result<Vec<NewLogRow<'a>>, DbError> {
        let names = self.look_up(conn, decisions, today)?;
        decisions
            .iter()
            .map(|decision| self.row(decision, &names))
            .collect()
    }

    /// What the refusals among `decisions` missed; `rows` has looked their texts up.
    pub fn details<'a>(
        &self,
        decisions: &'a [DecisionRecord<'_>],
    ) -> Result<Vec<NewDetail<'a>>, DbError> {
        let named = decisions.iter().filter(|one| !one.detail.is_empty());
        let detail = |one: &'a DecisionRecord<'_>| {
            Ok(NewDetail {
                at: one.at,
                account_id: one.account.0,
                request_id: one.request_id.as_str(),
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
    ) -> Result<KeyNames, DbError> {
        let days: BTreeSet<NaiveDate> = decisions.iter().map(|one| one.at.date_naive()).collect();
        if !days.is_subset(&self.days) {
            let wanted: Vec<NaiveDate> = days.into_iter().collect();
            partitions::ensure(conn, &wanted)?;
            self.days.extend(wanted);
        }
        let keys: BTreeSet<_> = decisions.iter().map(|one| (one.account, one.key)).collect();
        let keys: Vec<_> = keys.into_iter().collect();
        let names = key_use::names(conn, &keys)?;
        self.texts.turn_to(today);
        let paths = decisions.iter().map(|one| &*one.path);
        self.texts.learn(conn, TextKind::Path, paths)?;
        let agents = decisions.iter().map(|one| &*one.agent);
        self.texts.learn(conn, TextKind::Agent, agents)?;
        let details = decisions.iter().map(|one| &*one.detail);
        let details = details.filter(|detail| !detail.is_empty());
        self.texts.learn(conn, TextKind::Detail, details)?;
        let values = keys.iter().map(|key| name_of(&names, key));
        self.texts.learn(conn, TextKind::KeyName, values)?;
        Ok(names)
    }

    fn row<'a>(
        &self,
        decision: &'a DecisionRecord<'_>,
        names: &KeyNames,
    ) -> Result<NewLogRow<'a>, DbError> {
        let name = name_of(names, &(decision.account, decision.key));
        Ok(NewLogRow {
            at: decision.at,
            account_id: decision.account.0,
            workspace_id: decision.workspace.0,
            path_id: self.texts.number(TextKind::Path, &decision.path)?,
            agent_id: self.texts.number(TextKind::Agent, &decision.agent)?,
            name_id: self.texts.number(TextKind::KeyName, name)?,
            credits: clamped(decision.credits),
            duration_us: decision.duration_us.map(clamped),
            status: decision.status.map(u16::cast_signed),
            code: i16::from(decision.denied.map_or(0, DenyReason::number)),
            method: i16::from(decision.method.map_or(0, Method::number)),
            surface: i16::from(decision.surface.number()),
            generation: decision.generation,
            key_id: decision.key.as_str(),
            request_id: decision.request_id.as_str(),
            ip: decision.ip.map(IpNet::from),
        })
    }
}

/// A key that was deleted meanwhile has no name.
fn name_of<'a>(names: &'a KeyNames, key: &(AccountId, ApiKeyId)) -> &'a str {
    names.get(key).map_or("", String::as_str)
}

pub fn clamped(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
