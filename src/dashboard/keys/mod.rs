//! API keys: the list, one key, and what can be done with it.

mod asked;
pub mod bulk;
pub mod change_line;
pub mod choices;
pub mod create;
pub mod create_form;
pub mod cursor;
pub mod delete;
pub mod disable;
pub mod edit;
pub mod edit_form;
mod edited;
pub mod enable;
pub mod explain;
pub mod export;
pub mod first_request;
pub mod grant_form;
mod grant_words;
pub mod impact;
mod like;
pub mod limit_rows;
pub mod list;
pub mod list_query;
mod making;
mod name_taken;
pub mod overlap;
mod permission_words;
pub mod policy_rules;
pub mod preset_update;
pub mod reveal;
pub mod revoke;
pub mod rotate;
mod routes;
pub mod row;
pub mod rules_form;
mod scope_choices;
pub mod search;
mod secrets;
pub mod settings;
mod settings_words;
pub mod show;
pub mod status;
mod switch;
mod unchanged;
mod unmade;
mod words_form;

use actix_web::HttpRequest;

pub(super) use crate::dashboard::keys::routes::routes;

use crate::dashboard::error::PageError;
use crate::dashboard::urls;
use crate::domain::api_key::ApiKeyId;

/// One key's page; its actions are below it.
pub fn url(workspace: &str, id: ApiKeyId) -> String {
    url_in(&urls::root(workspace), id)
}

/// As `url`, below that root.
pub fn url_in(root: &str, id: ApiKeyId) -> String {
    format!("{}/{id}", urls::keys_in(root))
}

/// The key that `{k}` of the address names; what is no key id names none.
pub(super) fn key_in(request: &HttpRequest) -> Result<ApiKeyId, PageError> {
    request
        .match_info()
        .query("k")
        .parse()
        .map_err(|_| PageError::NotFound)
}
