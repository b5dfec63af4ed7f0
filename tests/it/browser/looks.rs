//! Weights, requests and room: what every page may cost and where it must fit.

use crate::browser::Place;

/// The widest that a page may be asked to fit, and the narrowest.
const WIDTHS: [u32; 4] = [1280, 640, 375, 320];
/// One page, gzipped: it fits the first window of a connection.
const HTML_GZIP_MAX: usize = 14 * 1024;
const HTML_MAX: usize = 90 * 1024;
const ELEMENTS_MAX: u64 = 1_800;
/// Page, style sheet, script, icons.
const REQUESTS_COLD_MAX: u64 = 4;

const PAGES: [&str; 9] = [
    "/sign-in",
    "/w/default/",
    "/w/default/developers/keys",
    "/w/default/developers/keys/new",
    "/workspaces",
    "/account/usage",
    "/operator/nodes",
    "/operator/catalogue",
    "/no/such/page",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_page_keeps_its_budget_and_its_width() {
    let place = Place::fresh().await;
    place.set_up().await;
    let browser = &place.browser;
    for page in PAGES {
        for width in WIDTHS {
            browser.width(width).await;
            place.goto(page).await;
            let root = "document.documentElement";
            let fits = format!("{root}.scrollWidth <= {root}.clientWidth");
            assert_eq!(
                browser.run(&fits).await,
                true,
                "{page} at {width} pixels scrolls sideways"
            );
        }
        let html = browser.driver.source().await.unwrap();
        assert!(html.len() <= HTML_MAX, "{page}: {} bytes", html.len());
        let gzip = gzipped(html.as_bytes());
        assert!(gzip <= HTML_GZIP_MAX, "{page}: {gzip} bytes gzipped");
        let elements = browser.run("document.querySelectorAll('*').length").await;
        assert!(
            elements.as_u64().unwrap() <= ELEMENTS_MAX,
            "{page}: {elements} elements"
        );
        let requests = browser
            .run("1 + performance.getEntriesByType('resource').length")
            .await;
        assert!(
            requests.as_u64().unwrap() <= REQUESTS_COLD_MAX,
            "{page}: {requests} requests"
        );
    }
    browser.driver.clone().quit().await.unwrap();
}

fn gzipped(bytes: &[u8]) -> usize {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap().len()
}
