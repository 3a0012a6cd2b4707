//! What is taken of somebody who has not said yet who they are: little, and not for long.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::Sleep;
use tonic::{Status, body::Body};

/// Bytes of a call that needs no credentials: a name, a password or a token, and what is around them.
const BYTES: usize = 64 << 10;
/// How long such a call may take to come in whole.
const TIME: Duration = Duration::from_secs(10);

/// The body of a call that needs no credentials.
pub(super) struct Short {
    body: Body,
    left: usize,
    late: Pin<Box<Sleep>>,
}

impl Short {
    pub(super) fn new(body: Body) -> Short {
        Short::within(body, BYTES, TIME)
    }

    fn within(body: Body, bytes: usize, time: Duration) -> Short {
        Short { body, left: bytes, late: Box::pin(tokio::time::sleep(time)) }
    }

    fn take(&mut self, frame: &Frame<Bytes>) -> Result<(), Status> {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        self.left = self.left.checked_sub(bytes).ok_or_else(|| {
            Status::out_of_range(format!("a call without credentials has at most {BYTES} bytes"))
        })?;
        Ok(())
    }
}

impl HttpBody for Short {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
            return self.late.as_mut().poll(cx).map(|()| {
                Some(Err(Status::deadline_exceeded("the call took too long to come in")))
            });
        };
        let taken = frame.map(|frame| {
            let frame = frame?;
            self.take(&frame)?;
            Ok(frame)
        });
        Poll::Ready(taken)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    /// A body of some pieces, which goes on for ever after them or ends.
    struct Pieces(Vec<Bytes>, bool);

    impl HttpBody for Pieces {
        type Data = Bytes;
        type Error = Status;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
            match self.0.pop() {
                Some(piece) => Poll::Ready(Some(Ok(Frame::data(piece)))),
                None if self.1 => Poll::Ready(None),
                None => Poll::Pending,
            }
        }
    }

    /// How many bytes come, and how it ends.
    async fn read(pieces: &[usize], ends: bool) -> Result<usize, Code> {
        let pieces = pieces.iter().map(|bytes| Bytes::from(vec![0; *bytes])).collect();
        let body = Body::new(Pieces(pieces, ends));
        let mut body = Box::pin(Short::within(body, 100, Duration::from_millis(20)));
        let mut bytes = 0;
        while let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            bytes += frame.map_err(|status| status.code())?.data_ref().map_or(0, Bytes::len);
        }
        Ok(bytes)
    }

    #[tokio::test]
    async fn what_is_short_comes_whole() {
        assert_eq!(read(&[60, 40], true).await, Ok(100));
    }

    #[tokio::test]
    async fn what_is_long_ends_before_it_is_in_memory() {
        assert_eq!(read(&[60, 41], true).await, Err(Code::OutOfRange));
    }

    #[tokio::test]
    async fn what_stops_midway_ends_in_time() {
        assert_eq!(read(&[60], false).await, Err(Code::DeadlineExceeded));
    }
}
