//! Released clients at a real `intarsia serve`: a named case for each thing that they do, told with their own words where
//! it fails. The programs are in `clients`.
#![cfg(test)] // tells clippy that helpers may panic, too

mod adbc;
mod examples;
mod jdbc;
mod odbc;
mod pyarrow;
mod rust;
mod support;
