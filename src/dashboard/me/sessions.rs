//! Ending one's own sessions: one, or all but the one that asks.

use std::fmt::Write as _;

use actix_web::HttpResponse;
use actix_web::web::Path;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::html::see_other;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::sessions;
use crate::db::sessions::IdDigest;

/// A session is named by the digest of its id, which opens nothing.
pub(super) fn end_url(id: &IdDigest) -> String {
    let name = id.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    format!("{}/sessions/{name}/end", urls::SECURITY)
}

fn id_of(name: &str) -> Option<IdDigest> {
    if name.len() != 64 || !name.is_ascii() {
        return None;
    }
    let mut id = [0; 32];
    for (place, byte) in id.iter_mut().enumerate() {
        *byte = u8::from_str_radix(name.get(place * 2..place * 2 + 2)?, 16).ok()?;
    }
    Some(id)
}

pub async fn end(
    person: SignedIn,
    path: Path<String>,
    _form: Posted,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let id = id_of(&path).ok_or(PageError::NotFound)?;
    let (actor, now) = (person.actor(), console.parts.clock.now());
    let user = person.viewer.id;
    let db = &console.parts.db;
    let ended = db
        .run(move |conn| sessions::end_one(conn, &actor, now, (user, &id)))
        .await?;
    if id == person.session {
        person.browser().end();
        return Ok(see_other("/sign-in"));
    }
    person.flash(&if ended {
        Flash::success("The session has ended.")
    } else {
        Flash::info("That session was over already.")
    })?;
    Ok(see_other(urls::SECURITY))
}

pub async fn end_others(
    person: SignedIn,
    _form: Posted,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let (actor, now) = (person.actor(), console.parts.clock.now());
    let (user, session) = (person.viewer.id, person.session);
    let db = &console.parts.db;
    let ended = db
        .run(move |conn| sessions::end_others(conn, &actor, now, (user, &session)))
        .await?;
    person.flash(&match ended {
        0 => Flash::info("There was no other session."),
        1 => Flash::success("One other session has ended."),
        _ => Flash::success(format!("{ended} other sessions have ended.")),
    })?;
    Ok(see_other(urls::SECURITY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_back_to_its_session() {
        let id = std::array::from_fn(|place| u8::try_from(place * 7 % 256).unwrap_or_default());
        let url = end_url(&id);
        let name = url.split('/').nth(4).unwrap();
        assert_eq!(id_of(name), Some(id));
        for bad in ["", "zz", &name[1..], &format!("{name}00"), &"é".repeat(32)] {
            assert_eq!(id_of(bad), None, "{bad}");
        }
    }
}
