//! Logical rows, the local tables that hold them, and what queries must answer.
//!
//! ```
//! Trap {
//!     columns: "id bigint not null, v text",            // of the logical table `t`
//!     rows: "(1, 'a'), (2, 'A')",                       // what stands after VALUES
//!     kept: &[mariadb("id bigint NOT NULL, v varchar(10) COLLATE utf8mb4_general_ci")],
//! }
//! .open()                                               // on each kind of server, usual and hostile
//! .answer(&[("SELECT id FROM t WHERE v = 'a'", "1")])   // … and what one DataFusion answers
//! .send("SELECT id FROM t WHERE v = 'a'", &["WHERE"]);  // EXPLAIN has the text
//! ```
//! A [`World`] says the same of any tables, layouts and nodes.

mod place;
mod pool;
mod world;

use std::sync::{Arc, Mutex, PoisonError, Weak};

pub(crate) use place::Places;
pub(crate) use pool::run;
pub(crate) use world::{Kept, Trap, World, mariadb, mysql, postgres, sqlite};

/// Places that several tests ask, open as long as one of them does.
pub(crate) struct Shared {
    places: Mutex<Weak<Places>>,
    open: fn() -> Places,
}

impl Shared {
    /// Places that `open` opens.
    pub(crate) const fn new(open: fn() -> Places) -> Shared {
        Shared { places: Mutex::new(Weak::new()), open }
    }

    /// The places.
    pub(crate) fn get(&self) -> Arc<Places> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.upgrade().unwrap_or_else(|| {
            let opened = Arc::new((self.open)());
            *places = Arc::downgrade(&opened);
            opened
        })
    }
}
