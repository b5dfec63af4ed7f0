//! The log's pages over so many rows in thirty daily partitions: first page, deep page, each filter
//! with rows and without, the numbers above the table and the chart.

mod questions;
mod rows;

use std::time::Duration;
use std::time::Instant;

use diesel::PgConnection;
use latchkey::crypto::digest::Pepper;
use latchkey::db::migrations;
use latchkey::postgres::DATABASE;

use super::edge::say;
use super::fault;
use super::fill;
use super::node;
use questions::Question;

const KEYS: usize = 1_000;
/// Of which the median counts.
const TIMES: usize = 21;

/// Fills the log with each number of rows in turn and asks the same questions of it. Prints one line
/// a question: its name, then milliseconds and rows for each number, `~` where the search stopped.
pub fn log(sizes: &[usize]) -> std::io::Result<()> {
    let (_directory, cluster) = node::cluster()?;
    let url = cluster.url(DATABASE);
    migrations::apply(&url).map_err(fault)?;
    let mut conn = node::connect(&url)?;
    fill::fill(&mut conn, &Pepper::new(&[7; 32]).map_err(fault)?, KEYS)?;
    rows::prepare(&mut conn)?;
    let mut lines: Vec<(&'static str, Vec<String>)> = Vec::new();
    for size in sizes {
        let begun = Instant::now();
        let filled = rows::fill(&mut conn, *size)?;
        tell(&format!("{size} rows in {:.0?}", begun.elapsed()));
        for (place, question) in questions::all(&filled).iter().enumerate() {
            let answer = ask(&mut conn, question)?;
            match lines.get_mut(place) {
                Some((_, answers)) => answers.push(answer),
                None => lines.push((question.name, vec![answer])),
            }
        }
    }
    for (name, answers) in lines {
        say(&format!("{name}\t{}", answers.join("\t")));
    }
    Ok(())
}

/// How long it takes in the middle, and what comes of it.
fn ask(conn: &mut PgConnection, question: &Question) -> std::io::Result<String> {
    let mut took: Vec<Duration> = Vec::new();
    let mut rows = String::new();
    for _ in 0..TIMES {
        let begun = Instant::now();
        rows = question.ask(conn)?;
        took.push(begun.elapsed());
        // What takes as long as this needs no more care.
        if begun.elapsed() > Duration::from_secs(1) {
            break;
        }
    }
    took.sort_unstable();
    let median = took[took.len() / 2].as_secs_f64() * 1_000.0;
    Ok(format!("{median:.2} {rows}"))
}

#[expect(clippy::print_stderr, reason = "how far it has come")]
fn tell(line: &str) {
    eprintln!("{line}");
}
