//! The caller of one request.

use std::{fmt, sync::Arc};

/// Who sent a request, as far as that was proven. In the request's extensions; without one it is anonymous.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The user's name.
    pub user: Option<Arc<str>>,
    /// The bearer token that the request came with.
    pub token: Option<Arc<str>>,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("user", &self.user).finish_non_exhaustive()
    }
}
