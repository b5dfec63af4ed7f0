//! How far each node's spool is shipped. The cursor moves in the transaction that stores the rows,
//! so what it has passed is stored, and nothing is stored that it has not passed.

use diesel::dsl::now;
use diesel::prelude::*;
use uuid::Uuid;

use crate::db::DbError;
use crate::db::schema::spool_cursors;

/// A place in a spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = spool_cursors)]
pub struct Position {
    pub segment: i64,
    pub position: i64,
}

/// Where the spool's shipping goes on; its very beginning for a spool that is new.
pub fn find(conn: &mut PgConnection, spool: Uuid) -> Result<Position, DbError> {
    let beginning = Position {
        segment: 0,
        position: 0,
    };
    diesel::insert_into(spool_cursors::table)
        .values((spool_cursors::spool_id.eq(spool), beginning))
        .on_conflict_do_nothing()
        .execute(conn)?;
    Ok(spool_cursors::table
        .find(spool)
        .select((spool_cursors::segment, spool_cursors::position))
        .first(conn)?)
}

/// Holds the cursor until the transaction ends. `NotFound` if it is not at `from`: then another has
/// shipped what the caller is about to.
pub fn hold(conn: &mut PgConnection, spool: Uuid, from: Position) -> Result<(), DbError> {
    Ok(spool_cursors::table
        .find(spool)
        .filter(spool_cursors::segment.eq(from.segment))
        .filter(spool_cursors::position.eq(from.position))
        .select(spool_cursors::spool_id)
        .for_no_key_update()
        .first::<Uuid>(conn)
        .map(drop)?)
}

/// For who holds it.
pub fn advance(conn: &mut PgConnection, spool: Uuid, to: Position) -> Result<(), DbError> {
    diesel::update(spool_cursors::table.find(spool))
        .set((
            spool_cursors::segment.eq(to.segment),
            spool_cursors::position.eq(to.position),
            spool_cursors::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}
