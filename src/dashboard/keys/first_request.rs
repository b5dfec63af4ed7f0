//! Whether a new key, or a new secret of a key, has been used yet: what the page that shows its secret asks every few seconds.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::ThinData;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::keys::key_in;
use crate::dashboard::moment::Moment;
use crate::dashboard::posted::Fields;
use crate::dashboard::signed_in::InWorkspace;
use crate::db::Db;
use crate::db::api_keys;
use crate::domain::clock::SharedClock;

/// 204 for "not yet", else the sentence to show.
pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    db: ThinData<Db>,
    clock: ThinData<SharedClock>,
) -> Result<HttpResponse, PageError> {
    let id = key_in(&request)?;
    let (account, workspace) = (place.account, place.workspace.id);
    let secret: Option<i16> = Fields::of_query(&request)?.get("secret").parse().ok();
    let used = db
        .run(move |conn| match secret {
            None => api_keys::first_used_at(conn, account, workspace, id),
            Some(generation) => {
                let key = api_keys::find(conn, account, workspace, id)?;
                let mut secrets = key.secrets.into_iter();
                let secret = secrets.find(|secret| secret.generation == generation);
                Ok(secret.and_then(|secret| secret.last_used_at))
            }
        })
        .await?;
    let mut answer = match used {
        Some(_) => HttpResponse::Ok(),
        None => HttpResponse::NoContent(),
    };
    answer
        .insert_header((header::CACHE_CONTROL, "no-store, private"))
        .insert_header(header::ContentType::plaintext());
    Ok(match used {
        Some(at) if secret.is_some() => {
            answer.body(format!("The new secret was used {}.", ago(at, clock.now())))
        }
        Some(at) => answer.body(format!("First request received {}.", ago(at, clock.now()))),
        None => answer.finish(),
    })
}

/// "12 seconds ago"
fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - at).num_seconds().max(0);
    match seconds {
        0 => "just now".to_owned(),
        1 => "1 second ago".to_owned(),
        2..60 => format!("{seconds} seconds ago"),
        _ => Moment::new(at, now).relative(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_first_request_is_dated_by_the_second() {
        let at: DateTime<Utc> = "2026-11-21T09:41:07Z".parse().unwrap();
        for (after, words) in [
            (0, "just now"),
            (12, "12 seconds ago"),
            (130, "2 minutes ago"),
        ] {
            assert_eq!(ago(at, at + TimeDelta::seconds(after)), words);
        }
    }
}
