use askama::Template;
use scraper::Html;
use scraper::Selector;

use super::*;

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% import "usage/_chart.html" as chart %}{{ chart::figure(usage) }}"#
)]
struct Drawn {
    usage: UsageChart,
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
}

fn back(days: u64, succeeded: i64, failed: i64) -> DayUsage {
    DayUsage {
        day: today().checked_sub_days(Days::new(days)).unwrap(),
        succeeded,
        failed,
    }
}

fn chart(rows: &[DayUsage]) -> UsageChart {
    UsageChart::new(rows, today(), Size::Full, |day| format!("?day={day}"))
}

fn drawn(rows: &[DayUsage]) -> Html {
    Html::parse_fragment(&Drawn { usage: chart(rows) }.render().unwrap())
}

fn numbers(html: &Html, selector: &str, attribute: &str) -> Vec<f64> {
    html.select(&Selector::parse(selector).unwrap())
        .filter_map(|element| element.attr(attribute)?.trim_end_matches('%').parse().ok())
        .collect()
}

fn texts(html: &Html, selector: &str) -> Vec<String> {
    html.select(&Selector::parse(selector).unwrap())
        .map(|element| element.text().collect::<String>().trim().to_owned())
        .collect()
}

#[test]
fn thirty_days_end_with_today_and_a_missing_day_is_zero() {
    let chart = chart(&[back(0, 5, 0), back(29, 7, 1), back(30, 99, 0)]);
    assert_eq!(chart.bars.len(), 30);
    assert_eq!(chart.bars[29].day, today());
    assert_eq!(
        (chart.bars[0].total(), chart.bars[1].total(), chart.total()),
        (8, 0, 13)
    );
}

#[test]
fn bar_heights_are_in_proportion_to_the_data() {
    let html = drawn(&[back(3, 300, 0), back(2, 600, 0), back(1, 450, 150)]);
    assert_eq!(
        numbers(&html, ".chart-plot .chart-ok rect", "height"),
        [84.0, 168.0, 126.0]
    );
    assert_eq!(numbers(&html, ".chart-bad-bar rect", "height"), [42.0]);
}

#[test]
fn failures_stand_on_what_succeeded() {
    let html = drawn(&[back(1, 450, 150)]);
    let ok_top = numbers(&html, ".chart-plot .chart-ok rect", "y")[0];
    let bad = numbers(&html, ".chart-bad-bar rect", "y")[0]
        + numbers(&html, ".chart-bad-bar rect", "height")[0];
    assert!((ok_top - bad).abs() < 0.02);
    assert_eq!(numbers(&html, ".chart-gap line", "y1"), [ok_top + 1.0]);
}

#[test]
fn the_table_says_what_the_bars_show() {
    let html = drawn(&[back(1, 450, 150), back(0, 1200, 0)]);
    let cells = texts(&html, "tbody tr:nth-child(-n+2) td");
    assert_eq!(cells, ["1,200", "0", "1,200", "450", "150", "600"]);
    assert_eq!(texts(&html, "tbody tr").len(), 30);
    assert_eq!(texts(&html, "svg a").len(), 2);
}

#[test]
fn the_sentence_sums_up() {
    let rows = [back(17, 1888, 23), back(1, 100, 0)];
    assert_eq!(
        chart(&rows).sentence(),
        "2,011 requests, 1.1% failed, busiest Wednesday 4 Nov (1,911)."
    );
    assert_eq!(
        chart(&[back(1, 1, 0)]).sentence(),
        "1 request, none failed, busiest Friday 20 Nov (1)."
    );
}

#[test]
fn no_requests_are_a_flat_axis_and_a_sentence() {
    let html = drawn(&[]);
    assert_eq!(
        texts(&html, "figcaption"),
        ["No requests in these 30 days."]
    );
    assert!(texts(&html, "svg a").is_empty() && texts(&html, "table").is_empty());
    assert_eq!(numbers(&html, "line.chart-base", "y1"), [176.0]);
}

#[test]
fn a_sliver_is_never_invisible() {
    let html = drawn(&[back(2, 1_000_000, 1)]);
    assert_eq!(numbers(&html, ".chart-bad-bar rect", "height"), [1.5]);
}

#[test]
fn the_drawing_is_hidden_from_screen_readers_and_its_links_from_the_tab_key() {
    let html = drawn(&[back(2, 10, 1)]);
    let visible = Selector::parse(".chart svg:not([aria-hidden=true]), svg a:not([tabindex='-1'])");
    assert_eq!(html.select(&visible.unwrap()).count(), 0);
}
