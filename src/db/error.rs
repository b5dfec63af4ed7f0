//! What can go wrong with a query; the only place that sees diesel's errors.

use diesel::result::DatabaseErrorKind;
use diesel::result::Error;

use crate::domain::random::NoRandomness;

/// What PostgreSQL advises whose disk is full.
const DISK_FULL: &str = "Check free disk space.";

#[derive(Debug, thiserror::Error)]
pub enum DbError {
    #[error("no such row")]
    NotFound,
    /// A unique, check or foreign-key constraint refused the change; its name.
    #[error("constraint {0} refused the change")]
    Conflict(String),
    #[error("the database is not there: {0}")]
    Unavailable(String),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error("query failed: {0}")]
    Query(#[source] Error),
    /// A row that this version cannot read.
    #[error("{table}.{column} holds {value:?}, which this version does not know")]
    Corrupt {
        table: &'static str,
        column: &'static str,
        value: String,
    },
}

impl DbError {
    /// Whether `constraint` refused the change.
    pub fn is_conflict_on(&self, constraint: &str) -> bool {
        matches!(self, Self::Conflict(name) if name == constraint)
    }
}

impl From<Error> for DbError {
    fn from(error: Error) -> Self {
        match &error {
            Error::NotFound => Self::NotFound,
            Error::DatabaseError(
                DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::CheckViolation,
                information,
            ) => Self::Conflict(information.constraint_name().unwrap_or_default().to_owned()),
            Error::DatabaseError(DatabaseErrorKind::ClosedConnection, information) => {
                Self::Unavailable(information.message().to_owned())
            }
            // diesel does not tell the code (53100). A server that speaks another language is not
            // understood: then it is a fault of ours.
            Error::DatabaseError(_, information) if information.hint() == Some(DISK_FULL) => {
                Self::Unavailable(information.message().to_owned())
            }
            Error::BrokenTransactionManager => Self::Unavailable(error.to_string()),
            _ => Self::Query(error),
        }
    }
}
