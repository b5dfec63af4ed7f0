pub mod clock;
pub mod cluster;
pub mod db;
pub mod edge;
pub mod upstream;
