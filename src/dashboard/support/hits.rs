//! What a search found: where something is, and nothing of what is in it.

use crate::dashboard::keys;
use crate::dashboard::logs;
use crate::dashboard::urls;
use crate::db::support_search::Hit;
use crate::db::support_search::Wanted;

/// Hits that are shown; of more one narrows the search.
pub const SHOWN: usize = 20;

pub struct HitLine {
    /// "Key", "Account"
    pub kind: &'static str,
    pub title: String,
    /// Beside the title; may be empty.
    pub detail: String,
    /// "Acme (acme)", and the workspace, where there is one.
    pub place: String,
    pub url: String,
    pub exact: bool,
}

impl HitLine {
    pub fn new(wanted: &Wanted, hit: Hit) -> Self {
        let account = urls::support_account(&hit.account_id);
        let root = format!("{account}/w/{}", hit.slug);
        let key_url = |id: &str| match id.parse() {
            Ok(id) => keys::url_in(&root, id),
            Err(_) => account.clone(),
        };
        let (kind, title, detail, url) = match wanted {
            Wanted::Key(_) => ("Key", hit.name, hit.id.clone(), key_url(&hit.id)),
            Wanted::Address(_) => (
                "Key last called from there",
                hit.name,
                hit.id.clone(),
                key_url(&hit.id),
            ),
            Wanted::Request(_) => {
                let url = logs::request_url(&root, &hit.id);
                ("Request", hit.id, String::new(), url)
            }
            Wanted::Email(_) => ("Person", hit.name, hit.id, account.clone()),
            Wanted::Account(_) => (
                "Account",
                hit.account.clone(),
                hit.domain.clone(),
                account.clone(),
            ),
            Wanted::Workspace(_) => (
                "Workspace",
                hit.workspace.clone(),
                hit.slug.clone(),
                urls::keys_in(&root),
            ),
        };
        let place = match hit.workspace.as_str() {
            "" => format!("{} ({})", hit.account, hit.domain),
            workspace => format!("{} ({}), {workspace}", hit.account, hit.domain),
        };
        Self {
            kind,
            title,
            detail,
            place,
            url,
            exact: hit.exact,
        }
    }
}

/// The part of the search that could not be done in its time.
pub fn unsearched(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::Key(_) => "Keys could not be searched in time.",
        Wanted::Request(_) => "The log could not be searched in time.",
        Wanted::Email(_) => "People could not be searched in time.",
        Wanted::Address(_) => "The addresses of last calls could not be searched in time.",
        Wanted::Account(_) => "Accounts could not be searched in time.",
        Wanted::Workspace(_) => "Workspaces could not be searched in time.",
    }
}
