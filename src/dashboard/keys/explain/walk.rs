//! The steps of the decision, each with its result. What is known is judged by the functions that
//! judge each request; only the words are this page's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::keys::explain::asked::Asked;
use crate::dashboard::keys::explain::names::StepName;
use crate::dashboard::keys::explain::room;
use crate::dashboard::keys::explain::room::RoomRow;
use crate::dashboard::keys::explain::words;
use crate::db::accounts::AccountGate;
use crate::db::catalogue::Offer;
use crate::domain::api_key::ApiKey;
use crate::domain::grant;
use crate::domain::grant::Permissions;
use crate::domain::judgement;
use crate::domain::judgement::Known;
use crate::domain::judgement::Refusal;
use crate::domain::judgement::Step;
use crate::domain::judgement::grant::Cost;
use crate::domain::judgement::grant::Held;
use crate::domain::lease::SpanState;
use crate::domain::lease::Subject;

/// What a request through the gateway costs that names no other price.
pub const CREDITS: u32 = 1;

pub type States = BTreeMap<Subject, Vec<SpanState>>;

/// All that a call with the key is judged by.
pub struct Walk<'a> {
    pub key: &'a ApiKey,
    pub offer: &'a Offer,
    pub gate: &'a AccountGate,
    pub states: &'a States,
    pub asked: &'a Asked,
    pub place: Place<'a>,
    pub now: DateTime<Utc>,
}

/// Where the key is, and who looks.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub account: &'a str,
    pub workspace: &'a str,
    pub masked: &'a str,
    /// Numbers of the plan are for those who may see it.
    pub may_see_plan: bool,
}

/// One step and what came of it.
pub struct Line {
    /// Its name in the page's markup.
    pub step: &'static str,
    pub label: &'static str,
    pub words: String,
    /// What would make it pass; empty where it does.
    pub remedy: String,
    pub rooms: Vec<RoomRow>,
    pub refusal: Option<Refusal>,
    pub mark: Mark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Passes,
    /// The first that refuses: its reason is the answer.
    Refuses,
    /// Would refuse if the ones before it passed.
    RefusesToo,
    /// Not taken.
    Skipped,
}

impl Mark {
    pub fn slug(self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Refuses => "refuses",
            Self::RefusesToo => "refuses-too",
            Self::Skipped => "skipped",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Passes => "Passes",
            Self::Refuses => "Refuses here",
            Self::RefusesToo => "Would refuse too",
            Self::Skipped => "Not reached",
        }
    }

    pub fn icon(self) -> &'static str {
        match self {
            Self::Passes => "check",
            Self::Refuses => "danger",
            Self::RefusesToo => "warning",
            Self::Skipped => "expired",
        }
    }
}

impl Line {
    pub fn new((step, label): StepName, words: impl Into<String>) -> Self {
        Self {
            step,
            label,
            words: words.into(),
            remedy: String::new(),
            rooms: Vec::new(),
            refusal: None,
            mark: Mark::Passes,
        }
    }

    #[must_use]
    pub fn refused(self, refusal: Refusal, remedy: impl Into<String>) -> Self {
        Self {
            remedy: remedy.into(),
            refusal: Some(refusal),
            ..self
        }
    }
}

impl Walk<'_> {
    /// Every step in the order of the decision, marked.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = vec![words::format(self), words::key(self)];
        let (known, sent) = (self.known(), self.asked.sent());
        lines.extend(Step::ALL.into_iter().map(|step| {
            let refusal = step.refusal(&known, &sent);
            words::step(self, step, refusal)
        }));
        lines.push(words::grant(self, self.granted().err()));
        let cost = self.cost();
        lines.push(room::key_line(self));
        lines.push(room::plan_line(self, &cost));
        let mut refused = false;
        for line in &mut lines {
            line.mark = match (&line.refusal, refused) {
                (None, _) => Mark::Passes,
                (Some(_), false) => Mark::Refuses,
                (Some(_), true) => Mark::RefusesToo,
            };
            refused |= line.refusal.is_some();
        }
        let mut charge = words::charge(self, &cost, refused);
        if refused {
            charge.mark = Mark::Skipped;
        }
        lines.push(charge);
        lines
    }

    /// What is asked for when the current secret is presented.
    fn known(&self) -> Known<'_> {
        Known {
            suspended: self.gate.suspended_at.is_some(),
            customer_id: &self.gate.customer_id,
            refused_credentials: &self.gate.refused,
            times: &self.key.times,
            secret_ended: false,
            network: Some(&self.key.network),
            now: self.now,
        }
    }

    fn granted(&self) -> Result<Cost, Refusal> {
        let inherited = self.inherited();
        let permissions = match self.key.grant.scope.as_str() {
            grant::INHERIT => inherited.as_deref(),
            _ => Some(self.key.permissions()),
        };
        let held = Held {
            permissions,
            resources: &self.key.grant.resources,
        };
        judgement::grant::check(&self.offer.catalogue, held, &self.asked.ask())
    }

    /// What the owner may do here; `None` for who has left.
    fn inherited(&self) -> Option<Arc<Permissions>> {
        let role = self.key.owner_role()?;
        Some(Arc::clone(self.offer.catalogue.rights.of(role)))
    }

    /// What the call counts on meters, whether the key may make it or not.
    fn cost(&self) -> Cost {
        cost(self.offer, self.asked)
    }
}

pub fn cost(offer: &Offer, asked: &Asked) -> Cost {
    let found = offer.catalogue.route(asked.method, &asked.path);
    found.map_or_else(Cost::default, |found| Cost::of(found.permission))
}
