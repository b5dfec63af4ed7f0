use std::collections::BTreeMap;

use latchkey::domain::account::AccountId;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::decision::DenyReason;
use latchkey::spool::record::DecisionRecord;
use latchkey::spool::record::Record;
use proptest::prelude::*;

use super::LogPath;
use super::completion_of;
use super::seconds;
use super::waiting;

/// One request as the test makes it.
#[derive(Debug, Clone)]
struct Request {
    second_account: bool,
    hours_ago: i64,
    denied: bool,
    credits: u32,
    /// Status, credits, and whether it comes much later than its decision.
    completion: Option<(u16, u32, bool)>,
}

fn request() -> impl Strategy<Value = Request> {
    let completion = (
        prop_oneof![Just(200), Just(404), Just(503)],
        0_u32..9,
        any::<bool>(),
    );
    (
        any::<bool>(),
        0_i64..60,
        prop::bool::weighted(0.2),
        0_u32..9,
        proptest::option::of(completion),
    )
        .prop_map(
            |(second_account, hours_ago, denied, credits, completion)| Request {
                second_account,
                hours_ago,
                denied,
                credits,
                completion: completion.filter(|_| !denied),
            },
        )
}

/// The rollup of hours, from the log's own rows: what it must be, whatever the path.
const FROM_ROWS: &str = "
    select coalesce(string_agg(line, E'\n' order by line), '') from (
        select concat_ws(' ', account_id, workspace_id, key_id,
                         date_trunc('hour', at, 'UTC') at time zone 'UTC', count(*),
                         count(*) filter (where code <> 0 or status >= 400), sum(credits)) as line
          from request_log
         group by account_id, workspace_id, key_id, date_trunc('hour', at, 'UTC')) as lines";
const HOURS: &str = "
    select coalesce(string_agg(line, E'\n' order by line), '') from (
        select concat_ws(' ', account_id, workspace_id, key_id, hour at time zone 'UTC',
                         requests, failed, credits) as line from usage_hourly) as lines";
const OUTCOMES: &str = "
    select string_agg(line, E'\\n' order by line) from (
        select concat_ws(' ', account_id, workspace_id, key_id, hour at time zone 'UTC',
                         outcome, requests) as line from outcomes_hourly
         where requests <> 0) as lines";
const OUTCOMES_FROM_ROWS: &str = "
    select string_agg(line, E'\\n' order by line) from (
        select concat_ws(' ', account_id, workspace_id, key_id, date_trunc('hour', at) at time zone 'UTC',
                         case when code <> 0 then code else status end, count(*)) as line
          from request_log where code <> 0 or status >= 400
         group by account_id, workspace_id, key_id, date_trunc('hour', at),
                  case when code <> 0 then code else status end) as lines";
const DAYS_FROM_HOURS: &str = "
    select count(*) from (
        select account_id, key_id, (hour at time zone 'UTC')::date as day,
               sum(requests) as r, sum(failed) as f, sum(credits) as c
          from usage_hourly group by 1, 2, 3
        except select account_id, key_id, day, requests, failed, credits from usage_daily) as wrong";
const WORKSPACES_FROM_DAYS: &str = "
    select count(*) from (
        select account_id, workspace_id, day, sum(requests), sum(failed), sum(credits)
          from usage_daily group by 1, 2, 3
        except select account_id, workspace_id, day, requests, failed, credits
          from workspace_usage_daily) as wrong";

/// Of the rows that were let in and have a duration, by class; the keys' days against the rows, and
/// the workspaces' days against the keys'.
const LATENCY_WRONG: &str = "
    with rows as (
        select width_bucket(duration_us - 1, array[100, 200, 500, 1000, 2000, 5000, 10000, 20000,
                   30000, 50000, 75000, 100000]) + 1 as class, count(*) as answers
          from request_log where code = 0 and duration_us is not null group by 1),
    keys as (
        select class, sum(answers) as answers
          from usage_daily, unnest(latency) with ordinality as l (answers, class) group by 1),
    workspaces as (
        select class, sum(answers) as answers
          from workspace_usage_daily, unnest(latency) with ordinality as l (answers, class)
         group by 1)
    select count(*) from rows
      full join keys using (class) full join workspaces using (class)
     where coalesce(rows.answers, 0) <> coalesce(keys.answers, 0)
        or coalesce(keys.answers, 0) <> coalesce(workspaces.answers, 0)";

fn totals(requests: &[Request]) -> String {
    let mut failed_and_credits = BTreeMap::from([("failed", 0), ("credits", 0)]);
    for request in requests {
        let status = request.completion.map_or(0, |(status, ..)| status);
        let credits = request
            .completion
            .map_or(request.credits, |(_, credits, _)| credits);
        *failed_and_credits.entry("failed").or_default() +=
            i64::from(request.denied || status >= 400);
        *failed_and_credits.entry("credits").or_default() += i64::from(credits);
    }
    format!(
        "{} {} {}",
        requests.len(),
        failed_and_credits["failed"],
        failed_and_credits["credits"]
    )
}

fn ship(path: &LogPath, requests: &[Request], batch_records: usize) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let shipper = path.shipper().with_batches_of(batch_records);
    let mut later = Vec::new();
    for request in requests {
        let mut decision = waiting(path.now() - seconds(request.hours_ago * 3_600));
        decision.credits = request.credits;
        if request.second_account {
            decision = DecisionRecord {
                account: AccountId(2),
                workspace: WorkspaceId(2),
                key: "bbbbbbbbbbbb".parse().unwrap(),
                ..decision
            };
        }
        if request.denied {
            decision.denied = Some(DenyReason::CustomerMismatch);
            decision.status = Some(403);
        }
        let completion = request
            .completion
            .map(|(status, credits, late)| (completion_of(&decision, status, credits), late));
        path.append(&Record::Decision(decision));
        match completion {
            Some((completion, true)) => later.push(completion),
            Some((completion, false)) => path.append(&completion),
            None => {}
        }
    }
    runtime.block_on(shipper.drain()).unwrap();
    for completion in later {
        path.append(&completion);
    }
    runtime.block_on(shipper.drain()).unwrap();
}

#[test]
fn rollups_equal_the_rows_whatever_comes_in_which_batch() {
    let path = LogPath::new();
    proptest!(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() },
        |(requests in proptest::collection::vec(request(), 0..60), batch_records in 1_usize..40)| {
        path.test_db.execute(
            "truncate request_log, usage_hourly, usage_daily, workspace_usage_daily,
                 outcomes_hourly",
        );
        ship(&path, &requests, batch_records);
        prop_assert_eq!(path.text(HOURS), path.text(FROM_ROWS));
        prop_assert_eq!(path.text(OUTCOMES), path.text(OUTCOMES_FROM_ROWS));
        prop_assert_eq!(path.number(DAYS_FROM_HOURS), 0);
        prop_assert_eq!(path.number(WORKSPACES_FROM_DAYS), 0);
        prop_assert_eq!(path.number(LATENCY_WRONG), 0);
        let all = "select concat_ws(' ', coalesce(sum(requests), 0), coalesce(sum(failed), 0),
                                    coalesce(sum(credits), 0)) from workspace_usage_daily";
        prop_assert_eq!(path.text(all), totals(&requests));
    });
}
