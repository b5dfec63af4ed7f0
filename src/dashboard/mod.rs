//! What people talk to: pages, forms, sessions.

pub mod form;
pub mod moment;
pub mod page;

#[cfg(test)]
mod macros_test;
