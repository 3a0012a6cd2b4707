//! Channels to a server, for clients in Rust.

use std::fs;

use arrow_flight::{error::FlightError, sql::client::FlightSqlServiceClient};
use tonic::{
    Status,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint},
};

use super::Server;

/// A connection, with TLS if the server has it.
pub(crate) async fn channel(server: &Server) -> Channel {
    let address = server.url.split_once("://").unwrap().1;
    let endpoint = if server.url.starts_with("grpc+tls") {
        let authority = Certificate::from_pem(fs::read(Server::certificate()).unwrap());
        let tls = ClientTlsConfig::new().ca_certificate(authority);
        Endpoint::from_shared(format!("https://{address}")).unwrap().tls_config(tls).unwrap()
    } else {
        Endpoint::from_shared(format!("http://{address}")).unwrap()
    };
    endpoint.connect().await.unwrap()
}

/// The token that the handshake gives for a password.
pub(crate) async fn token(server: &Server, user: &str, password: &str) -> String {
    let mut client = FlightSqlServiceClient::new(channel(server).await);
    let token = client.handshake(user, password).await.unwrap();
    String::from_utf8(token.to_vec()).unwrap()
}

/// The status in an error of arrow-flight's client.
pub(crate) fn status(error: FlightError) -> Status {
    match error {
        FlightError::Tonic(status) => *status,
        other => Status::unknown(other.to_string()),
    }
}
