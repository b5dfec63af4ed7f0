//! The one page that shows a secret: the answer to the form that made it, and no other.

use askama::Template;

use crate::crypto::key_secret::PlainKey;
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
        Self {
            page,
            snippets: snippets(settings, plain.expose()),
            plain,
            name: key.name,
            workspace: key.workspace,
            scope: key.scope,
            expires: key.expires,
            first_request_url: format!("{key_url}/first-request"),
            key_url,
        }
    }
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
