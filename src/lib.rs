//! Latchkey: the API-key console and the check behind it.
//!
//! # The rooms, and what each may import
//!
//! | Room | Holds | May import |
//! |---|---|---|
//! | `domain` | types, parsing, pure decisions | – |
//! | `config` | the environment, read once | `domain` |
//! | `crypto` | making, digesting, comparing secrets | `domain` |
//! | `telemetry` | log subscriber, metric names | `config` |
//! | `mail` | letters, and their sending by SMTP | `domain`, `config` |
//! | `postgres` | the private `PostgreSQL` cluster | `config` |
//! | `db` | schema, queries, transactions, audit rows | `domain`, `config`, `crypto` |
//! | `spool` | the append-only file of log records | `domain`, `config` |
//! | `verify` | the hot path: mirror and decision | `domain`, `crypto`, `config` |
//! | `workers` | loops between `db`, `verify`, `spool` and `mail` | `domain`, `config`, `mail`, `db`, `verify`, `spool` |
//! | `oidc` | sign-in with other companies' accounts | `domain`, `config` |
//! | `http` | what every face of HTTP needs | `domain`, `config` |
//! | `edge` | what programs talk to | `domain`, `config`, `crypto`, `verify`, `spool`, `http` |
//! | `dashboard` | what people talk to | `domain`, `config`, `crypto`, `mail`, `db`, `oidc`, `http` |
//! | `app` | construction, start, shutdown | all but `cli` |
//! | `cli` | subcommands | all |
//!
//! Data goes one way round: `dashboard` writes Postgres, a trigger notes the change,
//! `workers::mirror_sync` brings it to `verify::Mirror`, `edge` decides with it and appends to
//! `spool`, `workers::log_shipper` copies that into Postgres, `dashboard` reads it.
//! `tests/it/tidy.rs` holds this table and fails the build when an import crosses it.

pub mod app;
pub mod cli;
pub mod config;
pub mod crypto;
pub mod dashboard;
pub mod db;
pub mod domain;
pub mod edge;
pub mod http;
pub mod mail;
pub mod oidc;
pub mod postgres;
pub mod spool;
pub mod telemetry;
pub mod verify;
pub mod workers;
