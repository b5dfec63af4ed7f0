mod spool;
