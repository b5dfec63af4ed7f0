//! What the callers are, and what they call.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

use rand::RngExt;
use rand::rngs::SmallRng;

use crate::cli::demo::sample_api::library;
use crate::domain::endpoint::Method;

/// A kind of program that holds a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum App {
    Backend,
    Widget,
    Importer,
    Automation,
    Terminal,
    Tests,
}

/// One endpoint of the sample API, as an app calls it.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    /// How often, in comparison with the app's other endpoints.
    share: u32,
    pub method: Method,
    /// `{doc}` and `{thr}` stand for ids.
    path: &'static str,
    pub status: u16,
    pub typical_ms: u32,
    pub credits: u32,
}

const fn endpoint(
    share: u32,
    (method, path): (Method, &'static str),
    (status, typical_ms, credits): (u16, u32, u32),
) -> Endpoint {
    Endpoint {
        share,
        method,
        path,
        status,
        typical_ms,
        credits,
    }
}

const LIST: (Method, &str) = (Method::Get, "/api/documents");
const FETCH: (Method, &str) = (Method::Get, "/api/documents/{doc}");
const UPLOAD: (Method, &str) = (Method::Post, "/api/documents");
const IMPORT: (Method, &str) = (Method::Post, "/api/documents/import");
const DELETE: (Method, &str) = (Method::Delete, "/api/documents/{doc}");
const QUERY: (Method, &str) = (Method::Post, "/v1/query");
const CHAT: (Method, &str) = (Method::Post, "/api/chats");
const THREADS: (Method, &str) = (Method::Get, "/api/threads");
const ARCHIVE: (Method, &str) = (Method::Post, "/api/threads/{thr}/archive");
const WIDGET_CHAT: (Method, &str) = (Method::Post, "/api/widget/chat");
const WIDGET_HISTORY: (Method, &str) = (Method::Get, "/api/widget/history");
const WIDGET_ARCHIVE: (Method, &str) = (Method::Post, "/api/widget/archive");
const DIGEST: (Method, &str) = (Method::Post, "/api/routines/nightly-digest/trigger");
const REVIEW: (Method, &str) = (Method::Post, "/api/routines/contract-review/trigger");

const BACKEND: [Endpoint; 6] = [
    endpoint(46, QUERY, (200, 74, 1)),
    endpoint(24, FETCH, (200, 9, 0)),
    endpoint(11, LIST, (200, 18, 0)),
    endpoint(10, CHAT, (200, 260, 2)),
    endpoint(5, ARCHIVE, (200, 16, 0)),
    endpoint(4, UPLOAD, (201, 130, 1)),
];
const WIDGET: [Endpoint; 3] = [
    endpoint(48, WIDGET_CHAT, (200, 240, 2)),
    endpoint(44, WIDGET_HISTORY, (200, 11, 0)),
    endpoint(8, WIDGET_ARCHIVE, (200, 16, 0)),
];
const IMPORTER: [Endpoint; 4] = [
    endpoint(55, IMPORT, (202, 170, 8)),
    endpoint(28, UPLOAD, (201, 130, 1)),
    endpoint(12, LIST, (200, 18, 0)),
    endpoint(5, DELETE, (204, 12, 0)),
];
const AUTOMATION: [Endpoint; 5] = [
    endpoint(34, DIGEST, (202, 44, 5)),
    endpoint(22, REVIEW, (202, 48, 5)),
    endpoint(18, CHAT, (200, 250, 2)),
    endpoint(14, THREADS, (200, 14, 0)),
    endpoint(12, ARCHIVE, (200, 16, 0)),
];
const TERMINAL: [Endpoint; 4] = [
    endpoint(40, LIST, (200, 18, 0)),
    endpoint(30, FETCH, (200, 9, 0)),
    endpoint(20, QUERY, (200, 80, 1)),
    endpoint(10, THREADS, (200, 14, 0)),
];
const TESTS: [Endpoint; 5] = [
    endpoint(30, UPLOAD, (201, 120, 1)),
    endpoint(25, FETCH, (200, 9, 0)),
    endpoint(20, QUERY, (200, 70, 1)),
    endpoint(15, DELETE, (204, 12, 0)),
    endpoint(10, CHAT, (200, 230, 2)),
];

impl App {
    pub fn pick(self, random: &mut SmallRng) -> Endpoint {
        let endpoints = self.endpoints();
        let shares: u32 = endpoints.iter().map(|endpoint| endpoint.share).sum();
        let mut place = random.random_range(0..shares);
        for endpoint in endpoints {
            if place < endpoint.share {
                return *endpoint;
            }
            place -= endpoint.share;
        }
        endpoints[0]
    }

    pub fn endpoints(self) -> &'static [Endpoint] {
        match self {
            Self::Backend => &BACKEND,
            Self::Widget => &WIDGET,
            Self::Importer => &IMPORTER,
            Self::Automation => &AUTOMATION,
            Self::Terminal => &TERMINAL,
            Self::Tests => &TESTS,
        }
    }

    /// Of 1,000 calls, how many the API itself refuses with 404 or 422.
    pub fn faults_permille(self) -> u32 {
        match self {
            Self::Backend | Self::Widget | Self::Automation => 8,
            Self::Importer => 18,
            Self::Terminal => 60,
            Self::Tests => 140,
        }
    }

    pub fn agent(self, random: &mut SmallRng) -> &'static str {
        const BROWSERS: [&str; 4] = [
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
             Chrome/142.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like \
             Gecko) Version/26.0 Safari/605.1.15",
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, \
             like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
        ];
        match self {
            Self::Backend if random.random_ratio(1, 4) => "node",
            Self::Backend | Self::Importer => "python-requests/2.32.3",
            Self::Widget => BROWSERS[random.random_range(0..BROWSERS.len())],
            Self::Automation => "Zapier",
            Self::Terminal => "curl/8.5.0",
            Self::Tests => "node-fetch/3.3.2",
        }
    }

    /// From the networks that are kept for documentation: nobody's.
    pub fn address(self, random: &mut SmallRng) -> IpAddr {
        let mut host = |hosts: u8| random.random_range(0..hosts);
        match self {
            Self::Backend => Ipv4Addr::new(203, 0, 113, 10 + host(4)).into(),
            Self::Importer => Ipv4Addr::new(203, 0, 113, 40).into(),
            Self::Automation => Ipv4Addr::new(192, 0, 2, 60 + host(12)).into(),
            Self::Terminal => Ipv4Addr::new(192, 0, 2, 7 + host(2)).into(),
            Self::Tests => Ipv4Addr::new(203, 0, 113, 128 + host(30)).into(),
            Self::Widget if host(3) == 0 => {
                let net = 0x1000 + u16::from(host(250));
                Ipv6Addr::new(0x2001, 0xdb8, 0, net, 0, 0, 0, 1).into()
            }
            Self::Widget => Ipv4Addr::new(198, 51, 100, 1 + host(250)).into(),
        }
    }
}

impl Endpoint {
    pub fn path(self, random: &mut SmallRng) -> String {
        let document = library::FIRST_DOCUMENT + random.random_range(0..library::DOCUMENTS);
        let thread = library::FIRST_THREAD + random.random_range(0..library::THREADS);
        self.path
            .replace("{doc}", &format!("doc_{document}"))
            .replace("{thr}", &format!("thr_{thread}"))
    }

    /// The meter of the plan that a call feeds, and by how much.
    pub fn meter(self) -> Option<(&'static str, i64)> {
        match (self.method, self.path) {
            UPLOAD => Some(("uploads", 1)),
            IMPORT => Some(("imports", 2)),
            CHAT | WIDGET_CHAT => Some(("chats", 1)),
            _ => None,
        }
    }

    /// What the API answers when it cannot do what was asked, if that may be.
    pub fn fault(self) -> Option<u16> {
        if self.path.contains('{') || self.path == WIDGET_ARCHIVE.1 {
            Some(404)
        } else {
            (!self.body().is_empty()).then_some(422)
        }
    }

    /// A body that the API takes.
    pub fn body(self) -> &'static str {
        match (self.method, self.path) {
            UPLOAD => r#"{"name":"Lease agreement.pdf"}"#,
            IMPORT => r#"{"urls":["https://acme.example/a.pdf","https://acme.example/b.pdf"]}"#,
            QUERY => r#"{"query":[{"query":"How long is the notice period?","num_results":3}]}"#,
            CHAT | WIDGET_CHAT => r#"{"message":"How long is the notice period?"}"#,
            WIDGET_ARCHIVE => r#"{"thread":"thr_5001"}"#,
            _ => "",
        }
    }

    /// A path and a body that the API answers with `fault`.
    pub fn faulty_call(self) -> (String, &'static str) {
        let path = self
            .path
            .replace("{doc}", "doc_1")
            .replace("{thr}", "thr_1");
        (path, r#"{"thread":"thr_1"}"#)
    }
}
