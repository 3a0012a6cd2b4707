//! What somebody takes who never says who they are: little, and not for long.

use std::{net::SocketAddr, time::Duration};

use arrow_flight::{
    FlightDescriptor, HandshakeRequest, flight_service_client::FlightServiceClient,
};
use bytes::Bytes;
use futures::stream;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};
use tonic::Code;

use crate::support::{Client, connect, csv, fetch, serve};

/// How long what has ended may take to be gone.
const SOON: Duration = Duration::from_secs(5);

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

/// Speaks HTTP/2, and then nothing more.
async fn stranger(address: SocketAddr) -> TcpStream {
    let mut stranger = TcpStream::connect(address).await.unwrap();
    stranger.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    stranger.write_all(&settings).await.unwrap();
    stranger
}

#[tokio::test]
async fn a_connection_on_which_nobody_is_let_in_is_closed() {
    let server = serve().await;
    let (address, _tasks) = server
        .bounded(|limits| {
            limits.connections = 1;
            limits.stranger = Duration::from_millis(200);
        })
        .await;
    let mut stranger = stranger(address).await;
    let channel = timeout(SOON, connect(address)).await.unwrap();
    let mut client = FlightServiceClient::new(channel);
    let asked = client.get_flight_info(FlightDescriptor::new_cmd("SELECT 42"));
    timeout(SOON, asked).await.expect("there is a place again").unwrap();
    let mut said = Vec::new();
    // Reset or ended: closed in either case.
    let _ended = timeout(SOON, stranger.read_to_end(&mut said)).await.unwrap();
}

/// It is the same connection afterwards: the session goes by it.
#[tokio::test]
async fn a_connection_of_a_client_stays() {
    let server = serve().await;
    let (address, _tasks) =
        server.bounded(|limits| limits.stranger = Duration::from_millis(200)).await;
    let mut client = Client::new(connect(address).await);
    let set = "SET intarsia.statement_timeout = '2min'".to_owned();
    client.execute_update(set, None).await.unwrap();
    sleep(Duration::from_millis(600)).await;
    let shown = client.execute("SHOW intarsia.statement_timeout".to_owned(), None).await.unwrap();
    let shown = csv(&fetch(&mut client, &shown).await.unwrap());
    assert_eq!(shown, "intarsia.statement_timeout,2min\n");
}

#[tokio::test]
async fn a_stream_is_not_cut() {
    let server = serve().await;
    let short = Duration::from_millis(200);
    let (address, _tasks) =
        server.bounded(|limits| (limits.stranger, limits.idle) = (short, short)).await;
    let mut client = FlightServiceClient::new(connect(address).await);
    let sql = "SELECT value, repeat('x', 100) FROM generate_series(1, 1000000)";
    let info = client.get_flight_info(FlightDescriptor::new_cmd(sql)).await.unwrap().into_inner();
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    let mut messages = client.do_get(ticket).await.unwrap().into_inner();
    messages.message().await.unwrap();
    sleep(short * 4).await;
    while messages.message().await.unwrap().is_some() {}
}
