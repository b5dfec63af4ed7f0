//! A filter that holds a whole secret: it is not kept, and its reader told.

use actix_web::HttpRequest;
use actix_web::HttpResponse;

use crate::crypto::key_secret;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::html::see_other;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::signed_in::SignedIn;

const EXPOSED: &str = "That held a full secret. It was not kept. Treat it as exposed: rotate its \
    key.";

/// On to the log without any filter, if there is a secret in one.
pub fn answer(
    person: &SignedIn,
    request: &HttpRequest,
    (settings, url): (&KeySettings, &str),
) -> Result<Option<HttpResponse>, PageError> {
    let mut values = form_urlencoded::parse(request.query_string().as_bytes());
    let exposed =
        values.any(|(_, value)| key_secret::secret_within(&settings.prefix, &value).is_some());
    if !exposed {
        return Ok(None);
    }
    person.flash(&Flash::warning(EXPOSED))?;
    Ok(Some(see_other(url)))
}
