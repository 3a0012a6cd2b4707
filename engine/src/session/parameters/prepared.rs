//! A statement that was looked at before it has values.

use std::sync::{Arc, Mutex, PoisonError};

use datafusion::{
    arrow::datatypes::{DataType, Schema, SchemaRef},
    scalar::ScalarValue,
};

use super::{
    Described,
    fit::{fit, literal},
};
use crate::{Error, ErrorKind, Query, Result};

/// What is known of a statement before it has values for its parameters.
#[derive(Debug)]
pub struct Prepared {
    parameters: Vec<Option<DataType>>,
    free: Vec<bool>,
    schema: SchemaRef,
    setting: bool,
    query: Mutex<Option<Query>>,
}

impl Prepared {
    /// A query with parameters.
    pub(in crate::session) fn described(described: Described) -> Prepared {
        let Described { parameters, free, schema } = described;
        Prepared { parameters, free, schema, setting: false, query: Mutex::default() }
    }

    /// A query without parameters, which is planned. The plan of one that asks for the time is not kept: it is to be run
    /// at another.
    pub(in crate::session) fn planned(query: Query) -> Prepared {
        let schema = query.schema();
        let query = Mutex::new(Some(query).filter(|query| !query.is_momentary()));
        Prepared { parameters: Vec::new(), free: Vec::new(), schema, setting: false, query }
    }

    /// A SET or a RESET, which has not taken effect.
    pub(in crate::session) fn setting() -> Prepared {
        let schema = Arc::new(Schema::empty());
        let query = Mutex::default();
        Prepared { parameters: Vec::new(), free: Vec::new(), schema, setting: true, query }
    }

    /// The types of its parameters in order, each where its surroundings tell it.
    pub fn parameters(&self) -> &[Option<DataType>] {
        &self.parameters
    }

    /// Its columns. Those that depend on parameters of unknown types are told as if these were texts; the answer's own
    /// are known with the values.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Whether it is a SET or a RESET, which takes effect when it is run.
    pub fn is_setting(&self) -> bool {
        self.setting
    }

    /// The plan of a query without parameters, the first time.
    pub fn take_query(&self) -> Option<Query> {
        self.query.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether that is still there.
    pub fn has_query(&self) -> bool {
        self.query.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// The values as the parameters take them, for [`Session::sql_with`](crate::Session::sql_with): of a parameter's
    /// type where nothing is lost, else of their own; where something is made of them, in arithmetic and functions,
    /// they are what literals would be.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] if there are too many or too few, or one is nothing of its parameter's kind.
    pub fn values(&self, values: Vec<ScalarValue>) -> Result<Vec<ScalarValue>> {
        super::check_count(self.parameters.len(), values.len())?;
        values.into_iter().enumerate().map(|(index, value)| self.value(index, value)).collect()
    }

    fn value(&self, index: usize, value: ScalarValue) -> Result<ScalarValue> {
        let Some(ty) = &self.parameters[index] else { return Ok(value) };
        let free = self.free[index];
        if free && let Some(literal) = literal(&value) {
            return Ok(literal);
        }
        match fit(value.clone(), ty) {
            Some(fitting) if free => Ok(literal(&fitting).unwrap_or(fitting)),
            Some(fitting) => Ok(fitting),
            None if free => Ok(value),
            None => {
                let (number, shown) = (index + 1, shown(&value));
                let message = format!("parameter `${number}` is of type {ty}, and {shown} is none");
                Err(Error::new(ErrorKind::Invalid, message))
            }
        }
    }
}

/// Characters of a value in a message.
const SHOWN_CHARS: usize = 40;

fn shown(value: &ScalarValue) -> String {
    let text = value.to_string();
    let short: String = text.chars().take(SHOWN_CHARS).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("{} `{short}{dots}`", value.data_type())
}
