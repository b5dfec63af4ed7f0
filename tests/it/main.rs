mod postgres;
mod spool;
mod support;
