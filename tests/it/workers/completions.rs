use latchkey::spool::record::Record;

use super::LogPath;
use super::completion_of;
use super::waiting;

#[tokio::test]
async fn a_completion_in_the_same_batch_completes_its_row() {
    let path = LogPath::new();
    let decision = waiting(path.now());
    let completion = completion_of(&decision, 502, 4);
    path.append(&Record::Decision(decision));
    path.append(&completion);
    path.shipper().drain().await.unwrap();
    assert_eq!(path.text(ROW), "502 1500 4");
    assert_eq!(path.text(DAY), "1 1 4");
}

const ROW: &str = "select concat_ws(' ', status, duration_us, credits) from request_log";
const DAY: &str = "select concat_ws(' ', requests, failed, credits) from usage_daily";

#[tokio::test]
async fn a_completion_in_a_later_batch_completes_its_row_and_the_rollups() {
    let path = LogPath::new();
    let shipper = path.shipper();
    let decision = waiting(path.now());
    let completion = completion_of(&decision, 500, 3);
    path.append(&Record::Decision(decision));
    shipper.drain().await.unwrap();
    assert_eq!(path.text(ROW), "1");
    assert_eq!(path.text(DAY), "1 0 1");

    path.append(&completion);
    shipper.drain().await.unwrap();
    assert_eq!(path.text(ROW), "500 1500 3");
    assert_eq!(path.text(DAY), "1 1 3");

    // Twice is once.
    path.append(&completion);
    shipper.drain().await.unwrap();
    assert_eq!(path.text(DAY), "1 1 3");
    let workspace = "select concat_ws(' ', requests, failed, credits) from workspace_usage_daily";
    assert_eq!(path.text(workspace), "1 1 3");
}

#[tokio::test]
async fn a_completion_without_a_row_is_passed_over() {
    let path = LogPath::new();
    path.append(&completion_of(&waiting(path.now()), 200, 1));
    path.shipper().drain().await.unwrap();
    assert_eq!(path.rows(), 0);
    assert_eq!(path.number("select count(*) from usage_daily"), 0);
}
