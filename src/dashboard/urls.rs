//! Addresses of the console's own pages.

use form_urlencoded::Serializer;

pub fn sign_in(domain: &str) -> String {
    format!("/sign-in/{domain}")
}

/// Sign-in that leads on to `next`; `ended` says that a session is over.
pub fn sign_in_to_continue(next: &str, ended: bool) -> String {
    let mut query = Serializer::new(String::new());
    if next != "/" {
        query.append_pair("next", next);
    }
    if ended {
        query.append_pair("ended", "1");
    }
    with_query("/sign-in", &query.finish())
}

pub fn workspace(slug: &str) -> String {
    format!("/w/{slug}/")
}

pub fn keys(workspace: &str) -> String {
    format!("/w/{workspace}/developers/keys")
}

pub fn with_query(path: &str, query: &str) -> String {
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}
