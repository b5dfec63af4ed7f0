//! What programs talk to, as it runs.

mod app_usage;
mod credentials;
mod forward_auth;
mod gateway;
mod grants;
mod health;
mod ip_block;
mod limits;
mod metered;
mod networks;
mod own_key;
mod profiles;
mod proxies;
mod quotas;
mod repeats;
mod report;
mod verify;
mod verify_faults;
