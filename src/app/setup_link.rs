//! The one-time link by which an empty installation gets its first account.

use secrecy::ExposeSecret;
use url::Url;

use crate::db::Db;
use crate::db::DbError;
use crate::db::accounts;
use crate::db::one_time_links;
use crate::db::one_time_links::Purpose;
use crate::domain::actor::Actor;
use crate::domain::clock::SharedClock;
use crate::domain::random::SharedRandom;

/// A fresh link while there is no account; it replaces the one of an earlier start.
pub async fn for_empty(
    db: &Db,
    public_url: &Url,
    (clock, random): (&SharedClock, &SharedRandom),
) -> Result<Option<String>, DbError> {
    let (now, random) = (clock.now(), random.clone());
    let token = db
        .run(move |conn| {
            if accounts::exist(conn)? {
                return Ok(None);
            }
            let actor = Actor::system("first start");
            one_time_links::create(conn, &actor, now, random.as_ref(), Purpose::SetUp).map(Some)
        })
        .await?;
    Ok(token.map(|token| {
        let origin = public_url.as_str().trim_end_matches('/');
        format!("{origin}/setup?token={}", token.expose_secret())
    }))
}
