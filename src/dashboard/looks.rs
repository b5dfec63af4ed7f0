//! What a page needs to look right, whoever asks for it.

use actix_web::HttpRequest;

use crate::dashboard::page::PlainContext;
use crate::dashboard::site::Site;
use crate::http::assets::Assets;
use crate::http::request_id;

/// `light` or `dark`; anything else leaves it to the browser.
pub const THEME_COOKIE: &str = "lk_theme";

#[derive(Debug, Clone)]
pub struct Looks {
    pub assets: Assets,
    theme_cookie: String,
}

impl Looks {
    pub fn new(assets: Assets, site: &Site) -> Self {
        Self {
            assets,
            theme_cookie: site.cookie_name(THEME_COOKIE),
        }
    }

    pub fn theme(&self, request: &HttpRequest) -> &'static str {
        match request.cookie(&self.theme_cookie) {
            Some(cookie) if cookie.value() == "light" => "light",
            Some(cookie) if cookie.value() == "dark" => "dark",
            _ => "auto",
        }
    }

    /// The frame of a page outside a session.
    pub fn plain(&self, request: &HttpRequest, csrf: String) -> PlainContext {
        PlainContext {
            assets: self.assets.clone(),
            theme: self.theme(request),
            csrf,
            flash: None,
            request_id: request_id::of(request).map_or_else(String::new, |id| id.to_string()),
        }
    }
}
