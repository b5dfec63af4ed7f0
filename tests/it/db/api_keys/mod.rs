mod facts;
mod insert;
mod life;
mod list;
mod revoke;
