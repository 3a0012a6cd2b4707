//! N: NULLs and order.
