//! An answer, asked about by CSS selector.

use reqwest::Response;
use reqwest::header::HeaderMap;
use scraper::Html;
use scraper::Selector;

#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Page {
    pub async fn of(response: Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    /// A header's value, empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The texts of all elements that `selector` finds, spaces collapsed.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let html = Html::parse_document(&self.text);
        html.select(&Selector::parse(selector).unwrap())
            .map(|element| {
                let text: String = element.text().collect();
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            })
            .collect()
    }

    /// The text of the only element that `selector` finds.
    pub fn one(&self, selector: &str) -> String {
        let mut texts = self.texts(selector);
        assert_eq!(texts.len(), 1, "{selector} in {}", self.text);
        texts.remove(0)
    }

    pub fn has(&self, selector: &str) -> bool {
        !self.texts(selector).is_empty()
    }

    /// An attribute of the first element that `selector` finds.
    pub fn attribute(&self, selector: &str, name: &str) -> String {
        let html = Html::parse_document(&self.text);
        let found = html
            .select(&Selector::parse(selector).unwrap())
            .next()
            .and_then(|element| element.attr(name));
        found
            .unwrap_or_else(|| panic!("no {selector} with {name} in {}", self.text))
            .to_owned()
    }

    /// The `value` of every element that `selector` finds.
    pub fn values(&self, selector: &str) -> Vec<String> {
        let html = Html::parse_document(&self.text);
        html.select(&Selector::parse(selector).unwrap())
            .filter_map(|element| element.attr("value"))
            .map(str::to_owned)
            .collect()
    }

    /// The page without what differs from request to request.
    pub fn without_reference(&self) -> String {
        let reference = self.header("x-request-id");
        assert!(!reference.is_empty());
        self.text.replace(reference, "REFERENCE")
    }
}
