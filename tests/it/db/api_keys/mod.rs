mod facts;
mod insert;
mod list;
mod revoke;
