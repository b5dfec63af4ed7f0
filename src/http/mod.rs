//! What every face of HTTP needs: who asks, under which name, what must be on each answer, and
//! the static files.

pub mod assets;
pub mod client_ip;
pub mod cookies;
pub mod request_id;
pub mod security_headers;
