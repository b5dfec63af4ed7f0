//! What the account has bought and how much of it is used: a card above the keys, and a page.

pub mod card;
mod meter_line;
pub mod usage;
