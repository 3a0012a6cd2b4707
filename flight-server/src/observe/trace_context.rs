//! The caller's trace, as the W3C's `traceparent` names it.

use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tonic::metadata::MetadataMap;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Makes `span` part of the trace that the metadata names; without one, or where nobody traces, it begins its own.
pub(super) fn continue_in(span: &Span, metadata: &MetadataMap) {
    if metadata.contains_key("traceparent") {
        let caller = TraceContextPropagator::new().extract(&Metadata(metadata));
        let _nobody_traces = span.set_parent(caller);
    }
}

struct Metadata<'a>(&'a MetadataMap);

impl Extractor for Metadata<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        Vec::from_iter(self.0.as_ref().keys().map(http::HeaderName::as_str))
    }
}
