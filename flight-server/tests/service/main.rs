//! The service over loopback, with arrow-flight's own client: one test for each capability, which says what needs it.

#![cfg(test)]

mod actions;
mod hostile;
mod metadata;
mod prepared;
mod queries;
mod stopping;
mod strangers;
mod support;
mod uploads;
