//! Which permissions a batch's calls used. What was noted today is remembered, so that most batches
//! write nothing.

use std::collections::BTreeSet;
use std::collections::HashSet;
use std::sync::Arc;

use chrono::NaiveDate;
use diesel::PgConnection;
use foldhash::fast::RandomState;

use crate::db::catalogue::Offer;
use crate::db::catalogue::Offers;
use crate::db::permission_uses::PermissionUse;
use crate::spool::record::DecisionRecord;

/// Beyond this many, all are forgotten and noted again.
const NOTED_MAX: usize = 200_000;

#[derive(Default)]
pub struct PermissionsUsed {
    offers: Offers,
    day: NaiveDate,
    noted: HashSet<PermissionUse>,
}

impl PermissionsUsed {
    pub fn forget(&mut self) {
        self.noted.clear();
    }

    /// Uses by allowed calls that are not noted yet. Without a catalogue there are none: what
    /// cannot be known is not worth holding up the log.
    pub fn unnoted(
        &mut self,
        conn: &mut PgConnection,
        decisions: &[DecisionRecord<'_>],
        today: NaiveDate,
    ) -> BTreeSet<PermissionUse> {
        if today != self.day || self.noted.len() > NOTED_MAX {
            self.day = today;
            self.forget();
        }
        let offer = match self.offers.read(conn) {
            Ok(offer) => offer,
            Err(error) => {
                tracing::warn!(%error, "which permissions keys use is not noted");
                return BTreeSet::new();
            }
        };
        // Most calls are like one before, and finding a route takes longer than knowing that.
        let mut seen: HashSet<_, RandomState> = HashSet::default();
        decisions
            .iter()
            .filter(|one| one.denied.is_none())
            .filter(|one| {
                let day = one.at.date_naive();
                seen.insert((one.account, one.key, one.method, &*one.path, day))
            })
            .map(|one| use_of(one, &offer))
            .filter(|one| !self.noted.contains(one))
            .collect()
    }

    /// After they are in the database.
    pub fn note(&mut self, uses: BTreeSet<PermissionUse>) {
        self.noted.extend(uses);
    }
}

fn use_of(decision: &DecisionRecord<'_>, offer: &Arc<Offer>) -> PermissionUse {
    let needed = decision
        .method
        .and_then(|method| offer.catalogue.route(method, &decision.path));
    PermissionUse {
        account: decision.account,
        key: decision.key,
        permission: needed.map_or_else(String::new, |found| found.permission.slug.clone()),
        day: decision.at.date_naive(),
    }
}
