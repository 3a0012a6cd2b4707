//! A: arithmetic and casts.
