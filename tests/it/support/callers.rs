//! People with a browser: cookies are kept, redirects are shown, forms are sent from their page.

use std::net::SocketAddr;

use reqwest::Client;
use reqwest::RequestBuilder;
use reqwest::redirect::Policy;

use crate::support::app::PASSWORD;
use crate::support::html::Page;

pub struct Caller {
    client: Client,
    address: SocketAddr,
}

/// Fields by name.
pub type Fields<'a> = &'a [(&'a str, &'a str)];

impl Caller {
    pub fn new(address: SocketAddr) -> Self {
        let client = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            // A server may close a connection that has been quiet while a request is on its way.
            .pool_max_idle_per_host(0)
            .build()
            .unwrap();
        Self { client, address }
    }

    /// The same browser where the console listens now.
    pub fn at(&self, console: &str) -> Self {
        Self {
            client: self.client.clone(),
            address: console.trim_start_matches("http://").parse().unwrap(),
        }
    }

    pub async fn get(&self, path: &str) -> Page {
        send(self.client.get(self.url(path))).await
    }

    /// A request to be dressed further.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.client.request(method.parse().unwrap(), self.url(path))
    }

    /// Posts `fields` as a page of ours does, whatever its token.
    pub async fn post(&self, path: &str, fields: Fields<'_>) -> Page {
        self.post_body(path, encoded(fields)).await
    }

    /// As `post`, with a body of one's own making.
    pub async fn post_body(&self, path: &str, body: impl Into<reqwest::Body>) -> Page {
        let request = self
            .request("POST", path)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        send(request).await
    }

    /// Opens the page at `path`, fills in its form, and sends it to where the form says.
    pub async fn submit(&self, path: &str, fields: Fields<'_>) -> Page {
        let page = self.get(path).await;
        self.fill_in(&page, fields).await
    }

    /// Sends the form of `page` with `fields`.
    pub async fn fill_in(&self, page: &Page, fields: Fields<'_>) -> Page {
        let action = page.attribute("main form", "action");
        let csrf = page.attribute("main form input[name=csrf]", "value");
        let all: Vec<_> = [("csrf", csrf.as_str())]
            .into_iter()
            .chain(fields.iter().copied())
            .collect();
        self.post(&action, &all).await
    }

    pub async fn sign_in(&self, domain: &str, email: &str) {
        let page = self
            .submit(
                &format!("/sign-in/{domain}"),
                &[("email", email), ("password", PASSWORD)],
            )
            .await;
        assert_eq!(page.status, 303, "{}", page.text);
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

pub async fn send(request: RequestBuilder) -> Page {
    Page::of(request.send().await.unwrap()).await
}

pub fn encoded(fields: Fields<'_>) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}
