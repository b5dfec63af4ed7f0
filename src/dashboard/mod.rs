//! What people talk to: pages, forms, sessions.

pub mod chart;
pub mod confirmation;
pub mod form;
pub mod keys;
pub mod moment;
pub mod number;
pub mod page;

#[cfg(test)]
mod macros_test;
