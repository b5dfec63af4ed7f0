//! `latchkey catalogue show` and `latchkey catalogue apply`, beside a server and without one.

use super::Filled;
use crate::support::process::Installation;

fn said(installation: &Installation, arguments: &[&str], input: &str) -> (i32, String, String) {
    let output = installation.run(arguments, input);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let status = output.status.code().unwrap();
    (status, text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn a_catalogue_is_shown_edited_and_applied_to_a_running_server() {
    let (filled, process) = Filled::serve().await;
    let installation = &filled.installation;
    let (status, shown, _) = said(installation, &["catalogue", "show"], "");
    assert_eq!(status, 0);
    let apply = ["catalogue", "apply", "-"];
    let same = said(installation, &apply, &shown);
    assert_eq!(same.0, 0, "{same:?}");

    // The widget learns to read documents; what is called is known by the key's own name.
    let path = installation.data_dir().join("new.toml");
    let edited = shown.replace(
        r#"permissions = ["widget:chat""#,
        r#"permissions = ["documents:read", "widget:chat""#,
    );
    std::fs::write(&path, &edited).unwrap();
    let file = path.display().to_string();
    let (status, told, _) = said(installation, &["catalogue", "apply", &file], "");
    assert_eq!(status, 0);
    assert!(
        told.contains("New version of a preset: widget 2."),
        "{told}"
    );
    let again = said(installation, &["catalogue", "apply", &file], "").1;
    assert!(
        again.starts_with("Nothing changes: this is version"),
        "{again}"
    );
    assert_eq!(said(installation, &["catalogue", "show"], "").1, edited);
    assert!(process.stop().success());
}

#[test]
fn every_fault_is_told_by_its_line_and_nothing_is_changed() {
    let installation = Installation::new();
    let before = said(&installation, &["catalogue", "show"], "").1;
    let broken = before
        .replace("risk = \"low\"", "risk = \"mild\"")
        .replace("kind = \"level\"", "kind = \"height\"");
    let (status, told, faults) = said(&installation, &["catalogue", "apply", "-"], &broken);
    assert_eq!((status, told.as_str()), (1, ""));
    let wrong = broken
        .lines()
        .enumerate()
        .filter(|(_, line)| line.contains("mild") || line.contains("height"));
    for (number, line) in wrong {
        let place = format!("-:{}: ", number + 1);
        assert!(faults.contains(&place), "{line} is not in {faults}");
    }
    assert_eq!(said(&installation, &["catalogue", "show"], "").1, before);
    let missing = said(&installation, &["catalogue", "apply", "no-such-file"], "");
    assert_eq!(missing.0, 1);
    assert!(missing.2.contains("no-such-file cannot be read"));
}
