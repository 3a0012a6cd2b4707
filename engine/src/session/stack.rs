//! Room for recursion.
//!
//! Trees of SQL and of plans are as deep as a query has chained operators, and much of what walks them
//! (derived visitors, destructors) recurses without looking at the stack's end. Within the limits of
//! [`super::limits`] this much room is enough for all of it, in a build without optimizations too.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// Bytes of stack; memory is taken only where it is touched.
const STACK_BYTES: usize = 256 << 20;

/// Runs `work` with a deep stack.
pub(crate) fn with_deep_stack<T>(work: impl FnOnce() -> T) -> T {
    stacker::grow(STACK_BYTES, work)
}

/// A future that is polled and dropped with a deep stack.
pub(crate) struct Deep<F: Future> {
    future: Option<Pin<Box<F>>>,
}

/// Wraps `future`.
pub(crate) fn deep<F: Future>(future: F) -> Deep<F> {
    Deep { future: Some(Box::pin(future)) }
}

impl<F: Future> Future for Deep<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let Some(future) = self.future.as_mut() else { return Poll::Pending };
        with_deep_stack(|| future.as_mut().poll(cx))
    }
}

impl<F: Future> Drop for Deep<F> {
    fn drop(&mut self) {
        let future = self.future.take();
        with_deep_stack(|| drop(future));
    }
}

/// What holds plans, and so is dropped with a deep stack.
pub(crate) struct Held<T>(Option<T>);

impl<T> Held<T> {
    pub(crate) fn new(value: T) -> Held<T> {
        Held(Some(value))
    }

    pub(crate) fn none() -> Held<T> {
        Held(None)
    }

    /// The value.
    ///
    /// # Panics
    /// If it was cleared, or there never was one.
    pub(crate) fn get(&self) -> &T {
        self.0.as_ref().expect("cleared by whoever started it only")
    }

    pub(crate) fn peek(&self) -> Option<&T> {
        self.0.as_ref()
    }

    pub(crate) fn peek_mut(&mut self) -> Option<&mut T> {
        self.0.as_mut()
    }

    /// Drops the value.
    pub(crate) fn clear(&mut self) {
        if let Some(value) = self.0.take() {
            with_deep_stack(|| drop(value));
        }
    }
}

impl<T> Drop for Held<T> {
    fn drop(&mut self) {
        self.clear();
    }
}
