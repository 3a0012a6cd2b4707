//! A world of nodes, a server over it, and programs that are its clients.

mod many;
mod program;
mod secrets;
mod server;
mod wire;
mod world;

pub(crate) use program::{Program, installed};
pub(crate) use secrets::{PASSWORD, USER};
pub(crate) use server::{Server, binary};
pub(crate) use wire::{channel, status, token, token_of_parts};

/// A test for each case of a program, and one that no case of the program is without a test.
macro_rules! cases {
    ($program:expr; $($(#[$about:meta])* $name:ident,)*) => {
        $(
            $(#[$about])*
            #[test]
            fn $name() {
                $program.passed(stringify!($name));
            }
        )*

        #[test]
        fn every_case_of_the_program_is_a_test() {
            $program.has_only(&[$(stringify!($name)),*]);
        }
    };
}
pub(crate) use cases;
