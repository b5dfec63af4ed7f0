//! The servers that the scripts in this directory load, one worker each.
//!
//! ```text
//! bench-servers bare                      a handler of actix-web alone, with the same JSON
//! bench-servers verify KEYS               the API listener, with KEYS in its mirror
//! bench-servers gateway UPSTREAM          the gateway listener before UPSTREAM
//! ```
//!
//! Each says on its first line where it listens; the latter two also a key and a service credential
//! that work. The edge and its spool are the real ones; only the database and its workers are not
//! there, so that what is measured is what a request costs.

mod bare;
mod edge;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    actix_web::rt::System::new().block_on(async {
        match arguments.as_slice() {
            ["bare"] => bare::serve().await,
            ["verify", keys] => edge::verify(number(keys)?).await,
            ["gateway", upstream] => edge::gateway(upstream).await,
            _ => Err(fault("bare, verify KEYS or gateway UPSTREAM")),
        }
    })
}

fn number(text: &str) -> std::io::Result<usize> {
    text.parse().map_err(fault)
}

fn fault(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> std::io::Error {
    std::io::Error::other(cause)
}
