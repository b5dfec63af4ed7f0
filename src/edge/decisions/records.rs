//! What is written of a decision, and of what came of it.

use std::time::Duration;

use chrono::DateTime;
use chrono::Utc;

use crate::domain::clock::SharedClock;
use crate::domain::decision::DenyReason;
use crate::domain::meter::MeterUse;
use crate::domain::request_id::RequestId;
use crate::edge::asked::Asked;
use crate::edge::asked::Outcome;
use crate::edge::decisions::Decisions;
use crate::edge::error::EdgeError;
use crate::edge::recent::Fresh;
use crate::edge::recent::Recent;
use crate::edge::redact;
use crate::edge::refusal::Refusal;
use crate::edge::told::MeterAmounts;
use crate::edge::told::Used;
use crate::spool::SpoolUnavailable;
use crate::spool::record::CompletionRecord;
use crate::spool::record::DecisionRecord;
use crate::spool::record::Record;
use crate::verify::Decision;
use crate::verify::Denial;
use crate::verify::Holder;
use crate::verify::Permit;
use crate::verify::metered::Metered;

impl Decisions {
    /// Counts the decision and, if it is about a known key, writes it. Only after this may the
    /// answer leave.
    pub fn record(&self, asked: &Asked<'_>, decision: &Decision) -> impl Written + use<'_> {
        match decision {
            Decision::Allow(permit) => {
                let (holder, metered) = (Some(&permit.holder), &permit.metered);
                self.write(asked, holder, metered, Outcome::Allowed)
            }
            Decision::Deny(denial) => {
                let (holder, nothing) = (denial.holder.as_ref(), Metered::default());
                self.write(asked, holder, &nothing, denied(denial))
            }
        }
    }

    /// The same of what the decision allowed.
    pub fn permit(
        &self,
        asked: &Asked<'_>,
        permit: &Permit,
        outcome: Outcome<'_>,
    ) -> impl Written + use<'_> {
        self.write(asked, Some(&permit.holder), &permit.metered, outcome)
    }

    /// What is awaited of it holds nothing of what it was made from.
    fn write(
        &self,
        asked: &Asked<'_>,
        holder: Option<&Holder>,
        metered: &Metered,
        outcome: Outcome<'_>,
    ) -> impl Written + use<'_> {
        let denied = match outcome {
            Outcome::Denied(reason, _) => Some(reason),
            Outcome::Allowed | Outcome::Answered(_) => None,
        };
        self.0.counters.count(asked.surface, denied);
        let written = holder.map(|holder| {
            let served = outcome == Outcome::Allowed;
            if served && asked.surface.is_reported() {
                self.0.recent.add(Fresh {
                    id: asked.request_id,
                    account: holder.account.id,
                    workspace: holder.workspace.id,
                    key: holder.key.id,
                    credits: asked.credits,
                    metered: metered.clone(),
                });
            }
            let record = self.record_of(asked, holder, metered, outcome);
            self.0.spool.append(&Record::Decision(record))
        });
        async {
            match written {
                Some(written) => written.await,
                None => Ok(()),
            }
        }
    }

    fn record_of<'a>(
        &self,
        asked: &Asked<'a>,
        holder: &Holder,
        metered: &'a Metered,
        outcome: Outcome<'a>,
    ) -> DecisionRecord<'a> {
        let (denied, missing, status) = match outcome {
            Outcome::Denied(reason, missing) => {
                let status = reason.status_in(holder.account.profile);
                (Some(reason), missing.unwrap_or_default(), Some(status))
            }
            Outcome::Answered(status) => (None, "", Some(status)),
            Outcome::Allowed => (None, "", None),
        };
        let served = outcome == Outcome::Allowed;
        DecisionRecord {
            at: at(asked.request_id, &self.0.clock),
            request_id: asked.request_id,
            account: holder.account.id,
            workspace: holder.workspace.id,
            key: holder.key.id,
            generation: holder.generation,
            surface: asked.surface,
            method: asked.method,
            path: redact::keys(self.prefix(), asked.path),
            agent: redact::keys(self.prefix(), asked.agent),
            ip: asked.ip,
            denied,
            detail: redact::keys(self.prefix(), missing),
            status,
            duration_us: status.map(|_| self.micros_since(asked.started)),
            credits: if served { asked.credits } else { 0 },
            meters: metered.uses(served),
        }
    }

    /// The allowed request of this name, if it is one whose outcome may still be reported.
    pub fn recent(&self, id: RequestId) -> Option<Recent> {
        self.0.recent.find(id, self.0.clock.now())
    }

    /// What changes by what a report says a recent request used of meters.
    pub fn tell_meters(&self, id: RequestId, told: &MeterAmounts) -> Vec<MeterUse<'static>> {
        self.0.recent.tell(id, told)
    }

    /// Writes what others say came of an allowed request.
    pub async fn report(&self, completion: CompletionRecord) -> Result<(), SpoolUnavailable> {
        let (id, record) = (completion.request_id, Record::Completion(completion));
        let written = self.0.spool.append(&record).await;
        if let (Err(_), Record::Completion(completion)) = (&written, &record) {
            self.0.recent.take_back(id, &completion.meters);
        }
        written
    }

    /// Writes a refusal and makes its answer.
    pub async fn refuse(
        &self,
        asked: &Asked<'_>,
        denial: &Denial,
    ) -> Result<EdgeError, SpoolUnavailable> {
        let (holder, outcome) = (denial.holder.as_ref(), denied(denial));
        self.write(asked, holder, &Metered::default(), outcome)
            .await?;
        let refusal = Refusal::of(denial, asked.request_id);
        Ok(EdgeError::Denied(Box::new(refusal)))
    }

    /// Writes what came of an allowed request, before that leaves.
    pub async fn complete(
        &self,
        asked: &Asked<'_>,
        holder: &Holder,
        status: u16,
        used: Used,
    ) -> Result<(), SpoolUnavailable> {
        let record = Record::Completion(CompletionRecord {
            at: at(asked.request_id, &self.0.clock),
            request_id: asked.request_id,
            account: holder.account.id,
            workspace: holder.workspace.id,
            key: holder.key.id,
            status,
            duration_us: self.micros_since(asked.started),
            credits: used.credits,
            meters: used.meters,
        });
        self.0.spool.append(&record).await
    }

    fn micros_since(&self, started: Duration) -> u32 {
        let passed = self.monotonic().saturating_sub(started);
        u32::try_from(passed.as_micros()).unwrap_or(u32::MAX)
    }
}

/// Done when a record is written.
pub trait Written: Future<Output = Result<(), SpoolUnavailable>> {}

impl<F: Future<Output = Result<(), SpoolUnavailable>>> Written for F {}

/// The address that was not allowed is the row's own, and not everybody's to see.
fn denied(denial: &Denial) -> Outcome<'_> {
    let missing = denial.missing.as_deref();
    let missing = missing.filter(|_| denial.reason != DenyReason::IpDenied);
    Outcome::Denied(denial.reason, missing)
}

/// A row's time is the one in its request id, so that the id alone says where the row lies.
fn at(id: RequestId, clock: &SharedClock) -> DateTime<Utc> {
    id.at().unwrap_or_else(|| clock.now())
}
