//! The commands.

mod audit;
mod demo;
