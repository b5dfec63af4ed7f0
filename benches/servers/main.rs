//! The servers that the scripts in this directory load, one worker each.
//!
//! ```text
//! bench-servers bare                      a handler of actix-web alone, with the same JSON
//! bench-servers verify KEYS [FILE]        the API listener, with KEYS in its mirror and in FILE
//! bench-servers load KEYS ROUNDS          loads a mirror of KEYS, each round in a process of its own
//! bench-servers decide TIMES             decisions without a server
//! bench-servers ship RECORDS ROUNDS       ships a backlog of the spool, and copies its rows
//! bench-servers audit FEW MANY            pages of the audit log with so many rows
//! bench-servers backlog RECORDS GO        verify, with a backlog that is shipped once the file GO is there
//! bench-servers log ROWS…                 the log's pages over so many rows, and then over so many
//! bench-servers gateway UPSTREAM          the gateway listener before UPSTREAM
//! bench-servers select-update DATABASE FILE KEYS     the same by hand, on PostgreSQL
//! ```
//!
//! Each says on its first line where it listens; verify and gateway also a key and a service credential
//! that work. The edge, its spool, the mirror, the leases and the database are the real ones; only the
//! shipper and the pages are not there, so that what is measured is what a request costs.

mod audit;
mod backlog;
mod bare;
mod decide;
mod edge;
mod fill;
mod load;
mod log;
mod node;
mod pages;
mod select_update;
mod ship;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    actix_web::rt::System::new().block_on(async {
        match arguments.as_slice() {
            ["bare"] => bare::serve().await,
            ["verify", keys] => edge::verify(number(keys)?, None).await,
            ["verify", keys, file] => edge::verify(number(keys)?, Some(file)).await,
            ["select-update", database, file, keys] => {
                select_update::serve(database, file, number(keys)?).await
            }
            ["load", keys, rounds] => load::fill_and_load(number(keys)?, number(rounds)?),
            ["load-from", database] => load::load_from(database).await,
            ["decide", times] => decide::decide(number(times)?).await,
            ["ship", records, rounds] => ship::ship(number(records)?, number(rounds)?).await,
            ["audit", few, many] => audit::audit(number(few)?, number(many)?),
            ["backlog", records, go] => backlog::backlog(number(records)?, go).await,
            ["log", sizes @ ..] if !sizes.is_empty() => {
                let sizes: std::io::Result<Vec<usize>> =
                    sizes.iter().map(|size| number(size)).collect();
                log::log(&sizes?)
            }
            ["gateway", upstream] => edge::gateway(upstream).await,
            _ => Err(fault(
                "bare, verify, load, decide, ship, audit, backlog, log, gateway or select-update",
            )),
        }
    })
}

fn number(text: &str) -> std::io::Result<usize> {
    text.parse().map_err(fault)
}

fn fault(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> std::io::Error {
    std::io::Error::other(cause)
}
