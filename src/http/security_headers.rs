//! What a browser may do with the answers of the console. Everything is shut; each opening has its
//! reason.

use actix_web::http::header;
use actix_web::http::header::HeaderMap;
use actix_web::http::header::HeaderName;
use actix_web::http::header::HeaderValue;
use actix_web::http::header::InvalidHeaderValue;

/// No inline script or style exists, so there is no nonce. Scripts fetch pages of their own origin
/// (dialogs, "waiting for the first request"), hence `connect-src`.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'";

const FORM_ACTION: &str = "form-action 'self'";

/// The policy of a page whose forms lead to other origins as well: browsers check each address
/// that a form is redirected to.
pub fn with_forms_to(origins: &[String]) -> Result<HeaderValue, InvalidHeaderValue> {
    let opened = format!("{FORM_ACTION} {}", origins.join(" "));
    HeaderValue::from_str(&CONTENT_SECURITY_POLICY.replace(FORM_ACTION, &opened))
}

const ON_EVERY_ANSWER: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // `no-referrer` would turn the `Origin` of our own forms into `null`, and over plain http the
    // origin is what tells them from forged ones. No address of ours holds a secret.
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
];

const FOR_A_YEAR: &str = "max-age=31536000";

/// Adds what is missing; a handler that set a header itself keeps its own.
pub fn apply(headers: &mut HeaderMap, https: bool) {
    for (name, value) in ON_EVERY_ANSWER {
        add(headers, name, value);
    }
    if https {
        add(headers, header::STRICT_TRANSPORT_SECURITY, FOR_A_YEAR);
    }
}

fn add(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_lead_to_the_named_origins_and_nowhere_else() {
        let policy = with_forms_to(&["https://id.example".to_owned()]).unwrap();
        let policy = policy.to_str().unwrap();
        assert!(policy.contains("form-action 'self' https://id.example; base-uri"));
        assert_eq!(
            policy.replace(" https://id.example", ""),
            CONTENT_SECURITY_POLICY
        );
    }
}
