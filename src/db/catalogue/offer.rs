use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use diesel::dsl::max;
use diesel::prelude::*;

use crate::db::DbError;
use crate::db::catalogue::latest;
use crate::db::presets;
use crate::db::presets::Preset;
use crate::db::schema::catalogue_versions;
use crate::domain::catalogue::Catalogue;

/// What keys can be given: the catalogue in force, and the versions that its presets have.
#[derive(Debug, Default)]
pub struct Offer {
    pub catalogue: Catalogue,
    /// Each in its latest version, in the catalogue's order.
    pub presets: Vec<Preset>,
}

impl Offer {
    pub fn preset(&self, slug: &str) -> Option<&Preset> {
        self.presets.iter().find(|preset| preset.slug == slug)
    }
}

/// Keeps the offer from page to page: its document is read and parsed again only when there is a
/// newer version of it.
#[derive(Clone, Default)]
pub struct Offers(Arc<ArcSwapOption<Offer>>);

impl Offers {
    pub fn read(&self, conn: &mut PgConnection) -> Result<Arc<Offer>, DbError> {
        let version: Option<i32> = catalogue_versions::table
            .select(max(catalogue_versions::version))
            .first(conn)?;
        self.at(conn, version)
    }

    /// The one of `version`, which is the latest or was until a moment ago.
    pub fn at(&self, conn: &mut PgConnection, version: Option<i32>) -> Result<Arc<Offer>, DbError> {
        let kept = self.0.load_full();
        match kept.filter(|kept| Some(kept.catalogue.version) == version) {
            Some(kept) => Ok(kept),
            None => self.read_anew(conn),
        }
    }

    fn read_anew(&self, conn: &mut PgConnection) -> Result<Arc<Offer>, DbError> {
        let Some(row) = latest(conn)? else {
            return Ok(Arc::default());
        };
        let catalogue = Catalogue::parse(row.version, &row.document).map_err(|faults| {
            // Written by a release that knows more than this one.
            DbError::Corrupt {
                table: "catalogue_versions",
                column: "document",
                value: faults.to_string(),
            }
        })?;
        let offer = Arc::new(Offer {
            catalogue,
            presets: presets::latest(conn)?,
        });
        self.0.store(Some(Arc::clone(&offer)));
        Ok(offer)
    }
}

impl fmt::Debug for Offers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.0.load();
        let version = kept.as_ref().map(|kept| kept.catalogue.version);
        f.debug_tuple("Offers").field(&version).finish()
    }
}
