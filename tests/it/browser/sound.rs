//! What holds for every page as it stands in the browser: axe finds nothing and nothing is wider
//! than the window.

use std::path::Path;

use diesel::Connection;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use latchkey::postgres;

use crate::browser::Place;
use crate::support::browser::Theme;
use crate::support::cluster::config_for_tests;

/// How the browser shows pages.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub theme: Theme,
    /// Pixels.
    pub width: u32,
}

/// Both themes at these widths.
pub fn looks(widths: &[u32]) -> impl Iterator<Item = Look> {
    [Theme::Light, Theme::Dark].into_iter().flat_map(|theme| {
        let width = widths.iter().copied();
        width.map(move |width| Look { theme, width })
    })
}

/// Texts that reach over the window's edge.
const WIDEST: &str = "(() => {
    const scrolls = (box) => box && (scrolls(box.parentElement)
        || ['auto', 'scroll', 'hidden'].includes(getComputedStyle(box).overflowX));
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
        const range = document.createRange();
        range.selectNodeContents(texts.currentNode);
        const holder = texts.currentNode.parentElement;
        const edge = document.documentElement.clientWidth + 1;
        if (range.getBoundingClientRect().right > edge && holder.checkVisibility() && !scrolls(holder))
            found.push(holder.outerHTML.slice(0, 160));
    }
    return found.slice(0, 6);
})()";

impl Place {
    /// Writes into the installation's database beside it.
    pub fn fill(&self, sql: &str) {
        let cluster = postgres::attach(&config_for_tests(&self.installation.data_dir()));
        let url = cluster.unwrap().unwrap().url(postgres::DATABASE);
        let mut conn = PgConnection::establish(&url).unwrap();
        conn.batch_execute(sql).unwrap();
    }

    pub async fn look(&self, look: Look) {
        self.browser.theme(look.theme).await;
        self.browser.width(look.width).await;
    }

    /// Checks the page as it stands. With `SHOTS` set, a picture of it goes there.
    pub async fn sound(&self, name: &str, look: Look) {
        self.shoot(name, look).await;
        let faults = self.browser.axe().await;
        assert!(faults.is_empty(), "{name}, {look:?}: {faults:#?}");
        self.fits(name, look.width).await;
    }

    /// Nothing scrolls sideways but what does so inside the page.
    pub async fn fits(&self, name: &str, width: u32) {
        let over = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        let over = self.browser.run(over).await.as_i64().unwrap();
        if over > 0 {
            let widest = self.browser.run(WIDEST).await;
            panic!("{name} is {over} too wide at {width} pixels: {widest:#}");
        }
    }

    async fn shoot(&self, name: &str, look: Look) {
        let Ok(folder) = std::env::var("SHOTS") else {
            return;
        };
        let browser = &self.browser;
        let tall = browser.run("document.documentElement.scrollHeight").await;
        let tall = u32::try_from(tall.as_u64().unwrap()).unwrap();
        browser.size(look.width, tall).await;
        let path = format!("{folder}/{name}-{:?}-{}.png", look.theme, look.width);
        browser.driver.screenshot(Path::new(&path)).await.unwrap();
        browser.width(look.width).await;
    }
}
