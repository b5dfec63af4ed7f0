mod cookies;
mod errors;
mod foreign_forms;
mod forms;
mod overview;
mod sessions;
mod set_up;
mod sign_in;
