//! Every test that needs more than one function, in one binary.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod browser;
mod cli;
mod dashboard;
mod db;
mod edge;
mod limits;
mod mail;
mod postgres;
mod process;
mod spool;
mod support;
mod tidy;
mod workers;
