//! What somebody takes who never says who they are: little, and not for long.

use arrow_flight::{HandshakeRequest, flight_service_client::FlightServiceClient};
use bytes::Bytes;
use futures::stream;
use tonic::Code;

use crate::support::{connect, serve};

/// A name and a password of 40 MB would be hashed and logged.
#[tokio::test]
async fn a_handshake_is_short() {
    let server = serve().await;
    let (address, _tasks) = server.bounded(|_| {}).await;
    let mut client = FlightServiceClient::new(connect(address).await);
    let handshake = |bytes: usize| {
        let payload = Bytes::from(vec![b'x'; bytes]);
        stream::iter([HandshakeRequest { protocol_version: 0, payload }])
    };
    client.handshake(handshake(1 << 10)).await.unwrap();
    let refused = client.handshake(handshake(128 << 10)).await.unwrap_err();
    assert_eq!(refused.code(), Code::OutOfRange, "{refused}");
}
