//! The pages of an account that support staff see, as audit rows name them.

/// What a page is, by the pattern of its address.
pub fn name_of(pattern: &str) -> &'static str {
    let below = pattern
        .strip_prefix("/support/accounts/{a}")
        .unwrap_or_default();
    match below.strip_prefix("/w/{w}/developers").unwrap_or(below) {
        "" => "account",
        "/keys" => "keys",
        "/keys/{k}" => "key",
        "/keys/{k}/explain" => "explain",
        "/keys/{k}/emergency-disable" => "emergency-disable",
        "/logs/{r}" => "request",
        "/logs" if below == "/logs" => "all-logs",
        "/logs" => "logs",
        "/usage" if below == "/usage" => "plan",
        "/usage" => "usage",
        _ => "page",
    }
}

/// A page in words, as owners read what was looked at.
pub fn in_words(page: &str) -> &'static str {
    match page {
        "account" => "the account",
        "keys" => "the list of keys of",
        "key" => "the key",
        "explain" => "what would come of a call with the key",
        "emergency-disable" => "the question whether to disable the key",
        "request" => "the request",
        "all-logs" => "the log of all workspaces of",
        "logs" => "the log of",
        "plan" => "the plan and usage of",
        "usage" => "the usage of",
        _ => "a page about",
    }
}
