//! Which key has a name that was wanted.

use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;

use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::db::api_keys::NameHolder;

pub struct KeyLink {
    pub name: String,
    pub url: String,
}

/// Says it at the name. Whoever may not open the key's workspace learns no more than that.
pub fn say(
    place: &InWorkspace,
    holder: Option<NameHolder>,
    errors: &mut FormErrors,
) -> Result<Option<KeyLink>, PageError> {
    let visible = &place.person.membership()?.workspaces;
    let holder = holder.filter(|key| visible.iter().any(|w| w.id == key.workspace_id));
    let message = match &holder {
        Some(key) => format!(
            "A key in {} has this name: “{}”. Choose another.",
            key.workspace_name, key.name
        ),
        None => "A key in another workspace has this name. Choose another.".to_owned(),
    };
    errors.add("name", message);
    Ok(holder.map(|key| KeyLink {
        url: format!("{}/{}", urls::keys(&key.workspace_slug), key.key_id),
        name: key.name,
    }))
}
