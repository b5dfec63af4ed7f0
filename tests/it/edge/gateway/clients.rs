//! The programs that people call APIs with.

use std::io::ErrorKind;
use std::process::Command;
use std::process::Output;

use super::Behind;

/// `None` where the machine has no such program.
async fn run(program: &'static str, arguments: &[&str]) -> Option<Output> {
    let mut command = Command::new(program);
    command.args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output());
    match output.await.unwrap() {
        Ok(output) => Some(output),
        Err(cause) if cause.kind() == ErrorKind::NotFound => None,
        Err(cause) => panic!("{program}: {cause}"),
    }
}

#[tokio::test]
async fn curl_calls_with_each_header_and_uploads() {
    let behind = Behind::echo().await;
    let key = behind.edge.key();
    for header in [
        format!("Authorization: Bearer {}", key.expose()),
        format!("Authorization: ApiKey {}", key.expose()),
        format!("x-api-key: {}", key.expose()),
    ] {
        let url = behind.url("/v1/documents");
        let arguments = ["-sS", "-f", "-H", &header, "--data-binary", "hello", &url];
        let Some(output) = run("curl", &arguments).await else {
            return;
        };
        assert!(output.status.success(), "{output:?}");
        let got = String::from_utf8(output.stdout).unwrap();
        assert!(got.starts_with("POST /v1/documents HTTP/1.1\r\n"), "{got}");
        assert!(got.ends_with("hello"), "{got}");
    }
}

#[tokio::test]
async fn python_requests_reads_refusals_and_answers() {
    let behind = Behind::echo().await;
    let key = behind.edge.key();
    let script = r#"
import sys
try:
    import requests
except ImportError:
    sys.exit(77)
url, key = sys.argv[1:]
session = requests.Session()
refused = session.post(url + "/v1/query", headers={"x-api-key": "wrong"}, json={"query": []})
assert refused.status_code == 401 and refused.json() == {"error": "Invalid API Key"}, refused.text
headers = {"customer-id": "acme-1", "x-api-key": key}
for _ in range(3):
    answer = session.post(url + "/v1/query", headers=headers, json={"query": [1]}, verify=True)
    assert answer.status_code == 200 and answer.text.endswith('{"query": [1]}'), answer.text
parts = session.post(url + "/v1/upload", headers=headers, data=(piece for piece in [b"one", b"two"]))
assert parts.status_code == 200, parts.text
"#;
    let url = behind.url("");
    let Some(output) = run("python3", &["-c", script, &url, key.expose()]).await else {
        return;
    };
    if output.status.code() == Some(77) {
        return;
    }
    assert!(output.status.success(), "{output:?}");
    assert_eq!(behind.edge.decided().len(), 4);
}
