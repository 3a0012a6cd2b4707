//! The log: one JSON object a line.

use std::fmt::{self, Debug};

use serde_json::Value;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

/// The field whose text is JSON already.
const NESTED: &str = "nodes";

/// Formats events as JSON: time, level, target and message, then the event's own fields, in their order.
#[derive(Debug, Clone, Copy, Default)]
pub struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let mut fields = Fields::default();
        event.record(&mut fields);
        let metadata = event.metadata();
        let head = [
            ("time", Value::from(time)),
            ("level", Value::from(metadata.level().as_str())),
            ("target", Value::from(metadata.target())),
        ];
        write!(writer, "{{")?;
        let own = fields.message.map(|text| ("message", Value::from(text))).into_iter();
        for (at, (name, value)) in head.into_iter().chain(own).chain(fields.others).enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(writer, "{comma}{}:{value}", Value::from(name))?;
        }
        writeln!(writer, "}}")
    }
}

/// An event's fields.
#[derive(Default)]
struct Fields {
    message: Option<String>,
    others: Vec<(&'static str, Value)>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        self.others.push((field.name(), value.into()));
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.message = Some(format!("{value:?}"));
        } else {
            self.add(field, format!("{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let nested = (field.name() == NESTED).then(|| serde_json::from_str(value).ok()).flatten();
        self.add(field, nested.unwrap_or_else(|| Value::from(value)));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_event_is_one_json_object_on_a_line_whatever_is_in_it() {
        let written = Written::default();
        let writer = written.clone();
        let log =
            tracing_subscriber::fmt().event_format(JsonLines).with_writer(move || writer.clone());
        tracing::subscriber::with_default(log.finish(), || {
            let nodes = r#"[{"node":"eu"}]"#;
            tracing::info!(
                sql = "SELECT \"a\"\n",
                user = None::<&str>,
                rows = 7_u64,
                nodes,
                "it's done"
            );
        });
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["message"], "it's done");
        assert_eq!(line["sql"], "SELECT \"a\"\n");
        assert_eq!((&line["rows"], &line["nodes"][0]["node"]), (&7.into(), &"eu".into()));
        assert!(line.get("user").is_none() && text.starts_with("{\"time\":\"20"), "{text}");
    }
}
