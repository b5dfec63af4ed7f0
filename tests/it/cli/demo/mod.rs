mod fill;
mod sample_api;
mod traffic;
