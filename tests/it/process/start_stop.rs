//! Starting where something is in the way, and stopping in order.

use std::process::Output;

use crate::process::Filled;
use crate::support::app::PASSWORD;
use crate::support::process::Installation;

#[tokio::test]
async fn sigterm_stops_in_order_and_the_next_start_finds_everything() {
    let (filled, process) = Filled::serve().await;
    let client = reqwest::Client::new();
    let answer = filled.verify(&client, &process).await.unwrap();
    assert_eq!(answer["valid"], true);
    assert_eq!(process.stop().code(), Some(0));

    let process = filled.installation.serve();
    assert!(
        process
            .lines
            .iter()
            .all(|line| !line.contains("/setup?token="))
    );
    let logged = crate::process::number(&mut filled.database(), "select count(*) from request_log");
    assert_eq!(logged, 1, "the spool was shipped before the end");
    let answer = filled
        .verify(&reqwest::Client::new(), &process)
        .await
        .unwrap();
    assert_eq!(answer["valid"], true);
}

#[test]
fn a_second_latchkey_on_the_same_directory_says_so_and_exits_1() {
    let installation = Installation::new();
    let first = installation.serve();
    let second = installation.run(&["serve"], "");
    assert_eq!(second.status.code(), Some(1));
    let pid = format!("pid {}", first.pid());
    assert!(complaint(&second).contains(&pid), "{}", complaint(&second));
}

#[test]
fn without_postgresql_it_says_what_to_install_and_exits_1() {
    let mut installation = Installation::new();
    installation.set("LATCHKEY_PG_BIN", "/nonexistent");
    let output = installation.run(&["serve"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        complaint(&output).contains("Install"),
        "{}",
        complaint(&output)
    );
}

#[test]
fn a_wrong_environment_is_told_whole_and_exits_2() {
    let mut installation = Installation::new();
    installation.set("LATCHKEY_KEY_PREFIX", "NO");
    installation.set("LATCHKEY_LOG_DURABILITY", "some");
    let output = installation.run(&["serve"], "");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        complaint(&output).lines().count(),
        2,
        "{}",
        complaint(&output)
    );
}

#[test]
fn the_link_of_an_empty_installation_works_once_and_a_weak_password_is_refused() {
    let installation = Installation::new();
    let arguments = [
        "account",
        "create",
        "--domain",
        "acme",
        "--name",
        "Acme",
        "--owner-email",
        "ada@acme.example",
        "--password-stdin",
    ];
    let weak = installation.run(&arguments, "short");
    assert_eq!(weak.status.code(), Some(1));
    assert!(
        complaint(&weak).starts_with("latchkey: password: "),
        "{}",
        complaint(&weak)
    );
    // Without a server running, a command starts the cluster for its own time.
    installation.line(&arguments, PASSWORD);
    let again = installation.run(&arguments, PASSWORD);
    assert_eq!(again.status.code(), Some(1));
    assert!(
        complaint(&again).contains("already"),
        "{}",
        complaint(&again)
    );
}

/// What a command says, without what it logs.
fn complaint(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| !line.contains(" INFO "))
        .collect();
    lines.join("\n")
}
