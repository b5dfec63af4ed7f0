//! The one page that shows a secret: the answer to the form that made it, and no other.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::http::header;
use askama::Template;

use crate::crypto::key_secret::PlainKey;
use crate::dashboard::flash::Flash;
use crate::dashboard::html::Unkept;
use crate::dashboard::keys;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::PageContext;

#[derive(Template)]
#[template(path = "keys/reveal.html")]
pub struct RevealPage {
    page: PageContext,
    plain: PlainKey,
    name: String,
    workspace: String,
    scope: String,
    expires: Option<Moment>,
    /// What became of the secret before, if there was one.
    told: Option<Flash>,
    key_url: String,
    first_request_url: String,
    snippets: Vec<Snippet>,
}

/// What a new key is, beside its secret.
pub struct Revealed {
    pub name: String,
    pub workspace_slug: String,
    pub workspace: String,
    pub scope: String,
    pub expires: Option<Moment>,
    /// Set for a new secret of an old key.
    pub rotated: Option<RotatedSecret>,
}

/// A secret that takes another's place.
pub struct RotatedSecret {
    pub generation: i16,
    /// What became of the others.
    pub told: Flash,
}

struct Snippet {
    label: &'static str,
    text: String,
    /// Whether the secret stands in it.
    secret: bool,
}

impl RevealPage {
    pub fn new(page: PageContext, plain: PlainKey, settings: &KeySettings, key: Revealed) -> Self {
        let key_url = keys::url(&key.workspace_slug, plain.id());
        let first_request_url = match &key.rotated {
            Some(secret) => format!("{key_url}/first-request?secret={}", secret.generation),
            None => format!("{key_url}/first-request"),
        };
        Self {
            page,
            snippets: snippets(settings, plain.expose()),
            plain,
            name: key.name,
            workspace: key.workspace,
            scope: key.scope,
            expires: key.expires,
            told: key.rotated.map(|secret| secret.told),
            first_request_url,
            key_url,
        }
    }
}

/// The only answer that holds the secret. Nothing may keep it, and no address leads to it.
pub fn answer(request: &HttpRequest, page: RevealPage) -> HttpResponse {
    let mut answer = Unkept(StatusCode::CREATED, page).respond_to(request);
    answer.headers_mut().insert(
        header::REFERRER_POLICY,
        header::HeaderValue::from_static("no-referrer"),
    );
    answer
}

/// The secret stands in the first only; the calls take it from the environment, where neither a
/// shell's history nor a repository sees it.
fn snippets(settings: &KeySettings, secret: &str) -> Vec<Snippet> {
    let call = |label, header| Snippet {
        label,
        text: settings.curl_with(header),
        secret: false,
    };
    vec![
        Snippet {
            label: ".env",
            text: format!("LATCHKEY_API_KEY={secret}"),
            secret: true,
        },
        call(
            "curl, Authorization: Bearer",
            "Authorization: Bearer $LATCHKEY_API_KEY",
        ),
        call(
            "curl, Authorization: ApiKey",
            "Authorization: ApiKey $LATCHKEY_API_KEY",
        ),
        call("curl, x-api-key", "x-api-key: $LATCHKEY_API_KEY"),
        Snippet {
            label: "Python Requests",
            text: python(&settings.called()),
            secret: false,
        },
    ]
}

fn python(called: &str) -> String {
    format!(
        "import os\nimport requests\n\n\
         response = requests.get(\n    \"{called}\",\n    \
         headers={{\"Authorization\": f\"Bearer {{os.environ['LATCHKEY_API_KEY']}}\"}},\n    \
         timeout=10,\n)\nresponse.raise_for_status()"
    )
}
