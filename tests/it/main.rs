mod edge;
mod postgres;
mod spool;
mod support;
mod workers;
