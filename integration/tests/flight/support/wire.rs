//! Channels to a server, for clients in Rust.

use std::{collections::HashMap, fs};

use arrow_flight::{
    Action, error::FlightError, flight_service_client::FlightServiceClient,
    sql::client::FlightSqlServiceClient,
};
use prost::Message;
use tonic::{
    Request, Status,
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

/// SetSessionOptionsRequest, of options that are true or false.
#[derive(Clone, PartialEq, Message)]
struct Options {
    #[prost(map = "string, message", tag = "1")]
    options: HashMap<String, Flag>,
}

#[derive(Clone, PartialEq, Message)]
struct Flag {
    #[prost(bool, tag = "2")]
    value: bool,
}

/// The token of a session whose answers come in parts where they can. The JDBC driver sets no options.
pub(crate) async fn token_of_parts(server: &Server, user: &str, password: &str) -> String {
    let token = token(server, user, password).await;
    let options = [("intarsia.partitions".to_owned(), Flag { value: true })].into();
    let options = Options { options }.encode_to_vec();
    let mut request = Request::new(Action::new("SetSessionOptions", options));
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.metadata_mut().insert("authorization", bearer);
    let mut client = FlightServiceClient::new(channel(server).await);
    let mut results = client.do_action(request).await.unwrap().into_inner();
    let errors = results.message().await.unwrap().unwrap().body;
    assert!(errors.is_empty(), "{errors:?}");
    token
}

/// The status in an error of arrow-flight's client.
pub(crate) fn status(error: FlightError) -> Status {
    match error {
        FlightError::Tonic(status) => *status,
        other => Status::unknown(other.to_string()),
    }
}
