//! Styles, script and icons, embedded in the binary: joined and compressed once at start, then
//! served under the hash of what they hold, so that a browser may keep them for ever.

mod bundle;
#[cfg(test)]
mod contrast_test;
mod serve;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::http::assets::bundle::Embedded;
use crate::http::assets::serve::Asset;

pub use crate::http::assets::serve::configure;

/// The addresses of the four files that a page names. Cheap to clone.
#[derive(Clone)]
pub struct Assets(Arc<Inner>);

struct Inner {
    style: String,
    script: String,
    icons: String,
    favicon: String,
    by_path: HashMap<String, Asset>,
}

impl Assets {
    pub fn load() -> Self {
        let mut by_path = HashMap::new();
        let mut add = |name: &str, content_type: &'static str, body: Vec<u8>| {
            let asset = Asset::new(content_type, body);
            let path = format!("/static/{}/{name}", asset.hash());
            by_path.insert(path.clone(), asset);
            path
        };
        let style = add(
            "app.css",
            "text/css; charset=utf-8",
            bundle::styles().into(),
        );
        let script = add(
            "app.js",
            "text/javascript; charset=utf-8",
            bundle::scripts().into(),
        );
        let icons = add("icons.svg", "image/svg+xml", Embedded::bytes("icons.svg"));
        let favicon = add(
            "favicon.svg",
            "image/svg+xml",
            Embedded::bytes("favicon.svg"),
        );
        Self(Arc::new(Inner {
            style,
            script,
            icons,
            favicon,
            by_path,
        }))
    }

    pub fn style(&self) -> &str {
        &self.0.style
    }

    pub fn script(&self) -> &str {
        &self.0.script
    }

    pub fn icons(&self) -> &str {
        &self.0.icons
    }

    pub fn favicon(&self) -> &str {
        &self.0.favicon
    }

    fn find(&self, path: &str) -> Option<&Asset> {
        self.0.by_path.get(path)
    }
}

impl fmt::Debug for Assets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assets")
            .field("style", &self.0.style)
            .finish_non_exhaustive()
    }
}
