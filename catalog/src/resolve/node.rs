//! The nodes.

use std::{collections::BTreeMap, rc::Rc, sync::Arc};

use super::{
    secret::{self, Resolved, Secrets},
    url,
};
use crate::{
    Backend, CONNECTIONS, Node, Secret,
    error::{Position, Report},
    raw::{self, Fields, Yaml},
};

/// The nodes by name; `None` for one that is faulty, so that places can still name it.
pub(super) type Nodes = BTreeMap<String, Option<Arc<Node>>>;

/// Reads the entries under `nodes`.
pub(super) fn nodes(yaml: &Yaml, secrets: &dyn Secrets, report: &mut Report) -> Nodes {
    let mut nodes = Nodes::new();
    for (key, value) in raw::entries(yaml, "`nodes`", report).unwrap_or_default() {
        if report.is_full() {
            break;
        }
        if key.name.is_empty() {
            report.fault(key.at, "a node has a name");
        }
        let mut reader = Reader { subject: format!("node `{}`", key.name), secrets, report };
        let node = reader.node(&key.name, value);
        nodes.insert(key.name.clone(), node.map(Arc::new));
    }
    nodes
}

struct Reader<'a> {
    subject: String,
    secrets: &'a dyn Secrets,
    report: &'a mut Report,
}

impl Reader<'_> {
    fn node(&mut self, name: &str, yaml: &Yaml) -> Option<Node> {
        const KEYS: [&str; 4] = ["url", "password", "zone", "connections"];
        let fields = Fields::read(yaml, &self.subject, &KEYS, self.report)?;
        let url = fields.require("url", &self.subject, self.report).map(Rc::clone);
        let url = url.and_then(|yaml| self.url(name, &yaml));
        let password = self.password(name, &fields);
        let zone = self.value(&fields, "zone", secret::resolve).map(|(_, zone)| zone.text);
        let connections = self.connections(&fields);
        let url = url?;
        if password.is_some() {
            self.judge_password(fields.position("password"), &url);
        }
        Some(Node {
            name: name.to_owned(),
            backend: url.backend,
            address: url.address,
            password: password.or(url.password).map(Secret::new),
            zone,
            connections,
        })
    }

    /// The text under `key`, its references replaced.
    fn value(
        &mut self,
        fields: &Fields,
        key: &str,
        resolve: fn(&str, &dyn Secrets) -> Result<Resolved, String>,
    ) -> Option<(Position, Resolved)> {
        let yaml = fields.get(key)?;
        self.text(yaml, key, resolve).map(|resolved| (yaml.at, resolved))
    }

    fn text(
        &mut self,
        yaml: &Yaml,
        key: &str,
        resolve: fn(&str, &dyn Secrets) -> Result<Resolved, String>,
    ) -> Option<Resolved> {
        let what = format!("{}, `{key}`", self.subject);
        let text = raw::text(yaml, &what, self.report)?;
        match resolve(text, self.secrets) {
            Ok(resolved) => Some(resolved),
            Err(message) => {
                self.report.fault(yaml.at, format!("{what}: {message}"));
                None
            }
        }
    }

    fn url(&mut self, name: &str, yaml: &Yaml) -> Option<url::NodeUrl> {
        let text = self.text(yaml, "url", secret::resolve_url)?;
        let mut faults = Vec::new();
        let url = url::read(&text, &mut faults);
        let sound = faults.is_empty();
        for fault in faults {
            self.report.fault(yaml.at, format!("{}: {fault}", self.subject));
        }
        let url = url.filter(|_| sound)?;
        if url.password.is_some() && !text.secret {
            self.report.warn(yaml.at, self.literal(name, "its URL"));
        }
        Some(url)
    }

    fn password(&mut self, name: &str, fields: &Fields) -> Option<String> {
        let (at, password) = self.value(fields, "password", secret::resolve)?;
        if !password.secret {
            self.report.warn(at, self.literal(name, "this file"));
        }
        Some(password.text)
    }

    fn literal(&self, name: &str, place: &str) -> String {
        let variable: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
            .collect();
        format!(
            "{}: the password stands in {place}, where others may read it: write \
             `password: \"${{env:{variable}_PASSWORD}}\"` or `${{file:path}}`",
            self.subject
        )
    }

    fn judge_password(&mut self, at: Position, url: &url::NodeUrl) {
        if url.backend == Backend::Sqlite {
            self.report.fault(at, format!("{}: an SQLite file has no password", self.subject));
        } else if url.password.is_some() {
            let message = format!("{}: the password is here and in the URL", self.subject);
            self.report.fault(at, message);
        }
    }

    fn connections(&mut self, fields: &Fields) -> usize {
        let Some((at, text)) = self.value(fields, "connections", secret::resolve) else {
            return CONNECTIONS;
        };
        match text.text.parse::<u16>() {
            Ok(connections) if connections > 0 => usize::from(connections),
            _ => {
                let not =
                    if text.secret { String::new() } else { format!(", not `{}`", text.text) };
                let most = u16::MAX;
                let subject = &self.subject;
                let message = format!("{subject}: `connections` is a number from 1 to {most}{not}");
                self.report.fault(at, message);
                CONNECTIONS
            }
        }
    }
}
