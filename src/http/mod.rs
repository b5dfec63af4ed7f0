//! What every face of HTTP needs: who asks, under which name, and what must be on each answer.

pub mod client_ip;
pub mod request_id;
