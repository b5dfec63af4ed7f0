//! A16: another site in the same browser sends forms of its own to the console. Nothing changes.

use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;

use crate::browser::Place;

/// Pages of somebody else, at any host name of this machine. It ends with the test's process.
struct Stranger {
    port: u16,
}

/// Renames whoever is signed in, as our own form would but for the token.
const FORM: &str = r#"<form id="f" method="post" action="CONSOLE/me/profile">
    <input name="name" value="Mallory"><input name="csrf" value=""></form>
    <form id="g" method="post" action="CONSOLE/sign-out"></form>"#;

impl Stranger {
    fn start(console: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let console = console.to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let console = console.clone();
                // A browser opens connections that it may never use.
                std::thread::spawn(move || answer(stream, &console));
            }
        });
        Self { port }
    }
}

fn answer(mut stream: TcpStream, console: &str) {
    let mut asked = [0; 4096];
    let length = stream.read(&mut asked).unwrap_or(0);
    let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
    let page = page(&asked).replace("CONSOLE", console);
    let length = page.len();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close";
    let answer = format!("{head}\r\ncontent-length: {length}\r\n\r\n{page}");
    stream.write_all(answer.as_bytes()).ok();
}

fn page(asked: &str) -> String {
    let send = |form: &str| format!("<script>document.getElementById('{form}').submit()</script>");
    if asked.contains("/rename") {
        return [FORM, &send("f")].concat();
    }
    if asked.contains("/inner") {
        // After its own load, or that would be told of the answer's.
        let later = "<script>addEventListener('load', () => setTimeout(() =>
            document.getElementById('f').submit()))</script>";
        return [FORM, later].concat();
    }
    if asked.contains("/leave") {
        return [FORM, &send("g")].concat();
    }
    if asked.contains("/sandbox") {
        // The origin of what stands in here is null. It is loaded once by us and once by the form.
        return r#"<h1>waiting</h1><iframe sandbox="allow-scripts allow-forms" src="/inner"></iframe>
            <script>let loads = 0; document.querySelector('iframe').addEventListener('load', () => {
              loads += 1; if (loads === 2) document.querySelector('h1').textContent = 'sent';
            })</script>"#
            .to_owned();
    }
    r#"<h1>waiting</h1><img src="CONSOLE/sign-out" onerror="document.querySelector('h1').textContent = 'sent'">"#
        .to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn forms_of_other_sites_change_nothing() {
    let place = Place::fresh().await;
    place.set_up().await;
    let stranger = Stranger::start(place.latchkey.console());
    let browser = &place.browser;
    // Another site; and another origin of the same site, to which cookies are sent along.
    for host in ["localhost", "127.0.0.1"] {
        let base = format!("http://{host}:{}", stranger.port);
        for form in ["rename", "leave"] {
            browser.goto(&format!("{base}/{form}")).await;
            browser.wait_for_text(".error-code", "403").await;
        }
        for page in ["sandbox", "image"] {
            browser.goto(&format!("{base}/{page}")).await;
            browser.wait_for_text("h1", "sent").await;
        }
        // Still signed in, and called the same.
        place.goto("/me/profile").await;
        let name = browser.find("#name").await;
        let name = name.prop("value").await.unwrap();
        assert_eq!(name.as_deref(), Some("Ada Byron"), "{host}");
    }
    browser.driver.clone().quit().await.unwrap();
}
