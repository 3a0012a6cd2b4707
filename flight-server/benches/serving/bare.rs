//! The limit: arrow-flight's own server, which sends one ready batch over and over.

use std::pin::Pin;

use arrow::array::RecordBatch;
use arrow_flight::{
    FlightDescriptor, FlightEndpoint, FlightInfo, Ticket,
    encode::FlightDataEncoderBuilder,
    flight_service_server::{FlightService, FlightServiceServer},
    sql::{
        CommandStatementQuery, ProstMessageExt, SqlInfo, TicketStatementQuery,
        server::FlightSqlService,
    },
};
use futures::{StreamExt, TryStreamExt, stream};
use prost::Message;
use tokio::net::TcpListener;
use tonic::{
    Request, Response, Status,
    transport::{Server, server::TcpIncoming},
};

use crate::{client::query, served::engine};

/// The batch to send: the first that the engine makes of the same query.
struct Bare(RecordBatch);

pub(crate) async fn serve() {
    let folder = tempfile::tempdir().unwrap();
    let session = engine(folder.path()).await.session();
    let mut rows = session.sql(&query(1 << 20)).await.unwrap().stream().unwrap();
    let batch = rows.try_next().await.unwrap().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    let service = FlightServiceServer::new(Bare(batch)).max_encoding_message_size(usize::MAX);
    Server::builder()
        .add_service(service)
        .serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true)))
        .await
        .unwrap();
}

#[tonic::async_trait]
impl FlightSqlService for Bare {
    type FlightService = Bare;

    async fn get_flight_info_statement(
        &self,
        query: CommandStatementQuery,
        _: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let ticket = TicketStatementQuery { statement_handle: query.query.into_bytes().into() };
        let ticket = Ticket::new(ticket.as_any().encode_to_vec());
        let info = FlightInfo::new().try_with_schema(&self.0.schema()).unwrap();
        Ok(Response::new(info.with_endpoint(FlightEndpoint::new().with_ticket(ticket))))
    }

    /// As many rows as the number at the query's end says.
    async fn do_get_statement(
        &self,
        ticket: TicketStatementQuery,
        _: Request<Ticket>,
    ) -> Result<Response<<Self as FlightService>::DoGetStream>, Status> {
        let query = String::from_utf8(ticket.statement_handle.to_vec()).unwrap();
        let number = query.rsplit(|c: char| !c.is_ascii_digit()).find(|text| !text.is_empty());
        let rows: usize = number.unwrap().parse().unwrap();
        let batches = rows.div_ceil(self.0.num_rows());
        let batches = stream::iter(vec![self.0.clone(); batches]).map(Ok);
        let messages = FlightDataEncoderBuilder::new().with_schema(self.0.schema()).build(batches);
        let messages: Pin<Box<_>> = Box::pin(messages.map_err(Status::from));
        Ok(Response::new(messages))
    }

    async fn register_sql_info(&self, _: i32, _: &SqlInfo) {}
}
