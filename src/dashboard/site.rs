//! Where the console is reached, and what follows from it: cookie names, origins, safe redirects.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::cookie::SameSite;
use actix_web::http::header;
use url::Origin;
use url::Url;

/// Longer addresses are not worth coming back to.
const NEXT_LENGTH_MAX: usize = 2_000;

/// The public address. Cookies and checks go by it, never by the `Host` of a request.
#[derive(Debug, Clone)]
pub struct Site {
    base: Url,
}

/// The address has no host, or is not http.
#[derive(Debug, thiserror::Error)]
#[error("“{0}” is no http address")]
pub struct NoSite(Url);

impl Site {
    pub fn new(public_url: &Url) -> Result<Self, NoSite> {
        let is_http = matches!(public_url.scheme(), "http" | "https");
        match public_url.join("/") {
            Ok(base) if is_http && base.has_host() => Ok(Self { base }),
            _ => Err(NoSite(public_url.clone())),
        }
    }

    pub fn is_https(&self) -> bool {
        self.base.scheme() == "https"
    }

    /// Whether an `Origin` header names us.
    pub fn is_origin(&self, header: &str) -> bool {
        header == self.base.origin().ascii_serialization()
    }

    /// `__Host-` keeps other hosts from setting it, but browsers take it over https only.
    pub fn cookie_name(&self, name: &str) -> String {
        if self.is_https() {
            format!("__Host-{name}")
        } else {
            name.to_owned()
        }
    }

    /// A cookie that lasts as long as the browser does.
    pub fn cookie(&self, name: &str, value: String) -> Cookie<'static> {
        Cookie::build(self.cookie_name(name), value)
            .path("/")
            .secure(self.is_https())
            .http_only(true)
            .same_site(SameSite::Lax)
            .finish()
    }

    /// A whole address for a letter: the public one, whatever a request says of the host.
    pub fn link(&self, path: &str) -> String {
        self.base
            .join(path)
            .map_or_else(|_| self.base.to_string(), |url| url.to_string())
    }

    /// The page of ours that the request was sent from, where the browser tells.
    pub fn path_of_page(&self, request: &HttpRequest) -> Option<String> {
        let page = request.headers().get(header::REFERER)?.to_str().ok()?;
        let page: Url = page.parse().ok()?;
        if page.origin() != self.base.origin() {
            return None;
        }
        let path = &page[url::Position::BeforePath..url::Position::AfterQuery];
        self.safe_next(path)
    }

    /// `next` as an address to redirect to, if it is a path of ours and nothing else.
    pub fn safe_next(&self, next: &str) -> Option<String> {
        let mut bytes = next.bytes();
        if bytes.next() != Some(b'/') || matches!(bytes.next(), Some(b'/' | b'\\')) {
            return None;
        }
        if next.len() > NEXT_LENGTH_MAX || next.bytes().any(|byte| byte.is_ascii_control()) {
            return None;
        }
        let url = self.base.join(next).ok()?;
        let same = url.origin() == self.base.origin() && matches!(url.origin(), Origin::Tuple(..));
        let path = url.path();
        if !same || path.starts_with("//") || path.contains('\\') {
            return None;
        }
        Some(match url.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn site(url: &str) -> Site {
        Site::new(&url.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_path_of_ours_is_safe() {
        let site = site("https://keys.example:8443");
        for (next, kept) in [
            ("/", "/"),
            ("/w/default/?range=7d", "/w/default/?range=7d"),
            ("/w/a b", "/w/a%20b"),
            ("/w/x#part", "/w/x"),
        ] {
            assert_eq!(site.safe_next(next).as_deref(), Some(kept));
        }
    }

    #[test]
    fn everything_else_is_not() {
        let site = site("https://keys.example");
        for next in [
            "",
            "w/default",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\0",
            "https://evil.example/",
            "https:evil.example",
            "javascript:alert(1)",
            "\\\\evil.example",
            " //evil.example",
            "/.//evil.example",
            "/x/..//evil.example",
            "/%2e//evil.example",
        ] {
            assert_eq!(site.safe_next(next), None, "{next:?}");
        }
        assert_eq!(site.safe_next(&format!("/{}", "a".repeat(3_000))), None);
    }

    #[test]
    fn cookies_are_bound_to_the_host_over_https_only() {
        let secure = site("https://keys.example").cookie("lk_sid", "x".to_owned());
        assert_eq!(
            secure.to_string(),
            "__Host-lk_sid=x; HttpOnly; SameSite=Lax; Secure; Path=/"
        );
        let plain = site("http://127.0.0.1:8080").cookie("lk_sid", "x".to_owned());
        assert_eq!(
            plain.to_string(),
            "lk_sid=x; HttpOnly; SameSite=Lax; Path=/"
        );
    }

    #[test]
    fn only_the_whole_origin_is_ours() {
        let site = site("https://keys.example/");
        assert!(site.is_origin("https://keys.example"));
        for other in [
            "null",
            "http://keys.example",
            "https://keys.example:8443",
            "https://keys.example.evil.example",
            "",
        ] {
            assert!(!site.is_origin(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_safe_stays_on_the_site(next in "[/\\\\.a-z%2e:@?#\t ]{0,12}") {
            let site = site("https://keys.example");
            if let Some(kept) = site.safe_next(&next) {
                let landed = Url::parse("https://keys.example/sign-in").unwrap().join(&kept).unwrap();
                prop_assert_eq!(landed.host_str(), Some("keys.example"));
            }
        }
    }
}
