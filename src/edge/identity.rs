//! `X-Latchkey-*`: what an upstream is told of the caller. Always all of them, so that none can
//! come from somebody else.

use crate::domain::request_id::RequestId;
use crate::verify::Holder;

/// What nginx, which passes on neither the status nor the body of a refusal, is told beside it.
pub const STATUS: &str = "x-latchkey-status";
pub const ERROR: &str = "x-latchkey-error";

/// The headers of a request that `holder` makes. Ids, not names: those never change.
pub fn headers(holder: &Holder, request_id: RequestId) -> [(&'static str, String); 7] {
    let preset = &holder.key.preset;
    [
        ("x-latchkey-key", holder.key.id.as_str().to_owned()),
        ("x-latchkey-account", holder.account.public_id.clone()),
        ("x-latchkey-workspace", holder.workspace.public_id.clone()),
        ("x-latchkey-owner", holder.key.created_by.to_string()),
        ("x-latchkey-scope", preset.slug.clone()),
        ("x-latchkey-permissions", preset.permissions.join(",")),
        ("x-latchkey-request-id", request_id.as_str().to_owned()),
    ]
}
