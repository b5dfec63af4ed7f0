use diesel::PgConnection;

use crate::db::DbError;
use crate::db::catalogue;
use crate::domain::catalogue::Catalogue;

/// The latest version; `None` where there is none, or where this release of Latchkey cannot read
/// it. Then what the node knows stays in force.
pub fn read(conn: &mut PgConnection) -> Result<Option<Catalogue>, DbError> {
    let Some(row) = catalogue::latest(conn)? else {
        return Ok(None);
    };
    match Catalogue::parse(row.version, &row.document) {
        Ok(catalogue) => Ok(Some(catalogue)),
        Err(faults) => {
            tracing::error!(version = row.version, %faults, "the catalogue cannot be read");
            Ok(None)
        }
    }
}
