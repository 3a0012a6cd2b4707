//! Asks an Intarsia server from Rust, by the client library.
//!
//! ```sh
//! cargo run -p intarsia-flight-server --example client grpc+tls://ada@db.example:32010
//! ```
//!
//! The password is in INTARSIA_PASSWORD. `?ca=FILE` at the URL's end names an authority to trust (PEM).
#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use std::{env, error::Error, sync::Arc};

use arrow::{
    array::{ArrayRef, RecordBatch, StringArray},
    util::display::array_value_to_string,
};
use futures::TryStreamExt;
use intarsia_flight_server::client::{Address, Client, Prepared};

const RICHEST: &str = "SELECT name, balance FROM customers WHERE region = ? \
                       ORDER BY balance DESC NULLS LAST, id LIMIT 1";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::args().nth(1).ok_or("the server's URL, please")?;
    let mut address: Address = url.parse()?;
    if let Ok(password) = env::var("INTARSIA_PASSWORD") {
        address = address.with_password(&password);
    }
    let client = Client::connect_to(&address).await?;
    let mut statement = client.prepare(RICHEST).await?;
    for region in ["EU", "US"] {
        show(&mut statement, region).await?;
    }
    statement.close().await?;
    client.close().await?;
    Ok(())
}

/// Asks for one region. The answer is a stream: dropped early, it stops the query on the server.
async fn show(statement: &mut Prepared, region: &str) -> Result<(), Box<dyn Error>> {
    let value: ArrayRef = Arc::new(StringArray::from(vec![region]));
    let mut answer = statement.query_with(RecordBatch::try_from_iter([("region", value)])?).await?;
    while let Some(batch) = answer.try_next().await? {
        for row in 0..batch.num_rows() {
            let name = array_value_to_string(batch.column(0), row)?;
            let balance = array_value_to_string(batch.column(1), row)?;
            println!("{region}: {name} {balance}");
        }
    }
    Ok(())
}
