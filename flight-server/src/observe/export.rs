//! Spans to a collector, by OTLP over gRPC.

use std::time::Duration;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::Subscriber;
use tracing_subscriber::{Layer, registry::LookupSpan};

use crate::server::{Error, Result};

/// How long the last spans may take: a collector that is down holds no end back.
const FAREWELL: Duration = Duration::from_secs(2);

/// Sends spans to a collector until it is dropped or shut down.
#[derive(Debug)]
pub struct Export(SdkTracerProvider);

impl Export {
    /// Sends to the collector at `endpoint` (`http://…:4317`), in the background. Needs a running tokio. The sampler and
    /// the batches are set by OpenTelemetry's environment variables.
    ///
    /// # Errors
    /// An endpoint that is no address.
    pub fn to(endpoint: &str) -> Result<Export> {
        let exporter = SpanExporter::builder().with_tonic().with_endpoint(endpoint).build();
        let exporter = exporter
            .map_err(|error| Error::new(format!("spans cannot be sent to {endpoint}: {error}")))?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(Resource::builder().with_service_name("intarsia").build())
            .build();
        Ok(Export(provider))
    }

    /// What hands a subscriber's spans over.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        tracing_opentelemetry::layer().with_tracer(self.0.tracer("intarsia"))
    }

    /// Sends what is left, for two seconds at most. Blocks.
    pub fn finish(&self) {
        if let Err(error) = self.0.shutdown_with_timeout(FAREWELL) {
            tracing::warn!("the last spans were not sent: {error}");
        }
    }
}
