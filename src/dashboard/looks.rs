//! What a page needs to look right, whoever asks for it.

use actix_web::HttpRequest;

use crate::dashboard::page::PlainContext;
use crate::dashboard::site::Site;
use crate::http::assets::Assets;
use crate::http::request_id;

/// `light` or `dark`; anything else leaves it to the browser.
pub const THEME_COOKIE: &str = "lk_theme";
/// `compact`; anything else is comfortable.
pub const DENSITY_COOKIE: &str = "lk_density";
/// `off`; anything else is on.
pub const SHORTCUTS_COOKIE: &str = "lk_shortcuts";

#[derive(Debug, Clone)]
pub struct Looks {
    pub assets: Assets,
    theme_cookie: String,
    density_cookie: String,
    shortcuts_cookie: String,
}

impl Looks {
    pub fn new(assets: Assets, site: &Site) -> Self {
        Self {
            assets,
            theme_cookie: site.cookie_name(THEME_COOKIE),
            density_cookie: site.cookie_name(DENSITY_COOKIE),
            shortcuts_cookie: site.cookie_name(SHORTCUTS_COOKIE),
        }
    }

    pub fn theme(&self, request: &HttpRequest) -> &'static str {
        match request.cookie(&self.theme_cookie) {
            Some(cookie) if cookie.value() == "light" => "light",
            Some(cookie) if cookie.value() == "dark" => "dark",
            _ => "auto",
        }
    }

    /// How much room rows have: `comfortable` or `compact`.
    pub fn density(&self, request: &HttpRequest) -> &'static str {
        match request.cookie(&self.density_cookie) {
            Some(cookie) if cookie.value() == "compact" => "compact",
            _ => "comfortable",
        }
    }

    /// Whether single keys lead somewhere: `on` or `off`.
    pub fn shortcuts(&self, request: &HttpRequest) -> &'static str {
        match request.cookie(&self.shortcuts_cookie) {
            Some(cookie) if cookie.value() == "off" => "off",
            _ => "on",
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
