//! What operators and their machines ask over plain HTTP: is it alive, does it take queries, how is it doing.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use tokio::net::TcpListener;

use crate::{
    observe::{self, Metrics},
    server::{Gate, Result, listen},
};

/// A socket for HTTP.
#[derive(Debug)]
pub(crate) struct Listener {
    listener: TcpListener,
    address: SocketAddr,
}

/// What is told.
struct Told {
    gate: Gate,
    metrics: Option<Arc<Metrics>>,
}

impl Listener {
    pub(crate) async fn bind(address: SocketAddr) -> Result<Listener> {
        let (listener, address) = listen(address).await?;
        Ok(Listener { listener, address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until it is dropped: `/livez` also while the server ends, `/readyz` only while it takes queries.
    pub(crate) async fn serve(self, gate: Gate, metrics: Option<Arc<Metrics>>) {
        let routes = Router::new()
            .route("/livez", get("alive\n"))
            .route("/readyz", get(ready))
            .route("/metrics", get(figures))
            .with_state(Arc::new(Told { gate, metrics }));
        if let Err(error) = axum::serve(self.listener, routes).await {
            tracing::error!("HTTP on {} broke off: {error}", self.address);
        }
    }
}

async fn ready(State(told): State<Arc<Told>>) -> (StatusCode, &'static str) {
    if told.gate.is_ending() {
        (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}

async fn figures(State(told): State<Arc<Told>>) -> impl IntoResponse {
    let Some(metrics) = &told.metrics else {
        return (StatusCode::NOT_FOUND, "nothing is counted\n").into_response();
    };
    match metrics.text(told.gate.running()) {
        Ok(text) => ([(CONTENT_TYPE, observe::CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!("the figures cannot be written: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
