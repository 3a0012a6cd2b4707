//! Options of sessions, and their end.
//!
//! | option | value |
//! |---|---|
//! | `catalog` | the one catalog there is |
//! | `schema` | the schema of names that have none |
//! | `intarsia.…` | a setting, as SET takes it |
//! | `intarsia.types` | `released`: types that every released client reads; `native`: the engine's own, views among them |
//! | `intarsia.partitions` | whether an answer may be offered in several endpoints; it is not while too many others wait so |

use std::collections::HashMap;

use intarsia_engine::{CATALOG, Setting};
use prost::Message;
use tonic::{Response, Status};

use super::{
    Answers, Service, actions,
    call::Call,
    proto::{
        CloseSessionResult, CloseStatus, ErrorValue, GetSessionOptionsResult, OptionError,
        OptionValue, SessionOptionValue, SetSessionOptionsRequest, SetSessionOptionsResult,
    },
    query::cookie,
};
use crate::{
    encode::Types,
    sessions::{Choices, Session, taken_back},
};

/// How the names of the engine's settings start.
const PREFIX: &str = "intarsia.";

/// An option by its name.
enum Named {
    Catalog,
    Types,
    Partitions,
    Engine(Setting),
}

impl Named {
    fn of(name: &str) -> Result<Named, ErrorValue> {
        Ok(match name {
            "catalog" => Named::Catalog,
            "schema" => Named::Engine(Setting::Schema),
            "intarsia.types" => Named::Types,
            "intarsia.partitions" => Named::Partitions,
            other => {
                let setting = other.strip_prefix(PREFIX).ok_or(ErrorValue::InvalidName)?;
                Named::Engine(Setting::Engine(setting.to_owned()))
            }
        })
    }
}

impl Service {
    /// Sets those options that are right, and tells what is wrong with the others.
    pub(super) fn set_options(
        &self,
        call: &Call,
        request: SetSessionOptionsRequest,
    ) -> Result<Response<Answers<arrow_flight::Result>>, Status> {
        self.inner.sessions.known(&call.keys())?;
        let session = self.inner.sessions.open(&call.keys())?;
        let wrong = request.session_options.into_iter().filter_map(|(name, value)| {
            let error = set(&session, &name, value.value).err()?;
            Some((name, OptionError { value: error.into() }))
        });
        let result = SetSessionOptionsResult { errors: wrong.collect() };
        Ok(cookie(Some(&session), call, actions::one(result.encode_to_vec())))
    }

    /// The options as they are. Asking opens no session.
    pub(super) fn get_options(&self, call: &Call) -> GetSessionOptionsResult {
        let found = self.inner.sessions.find(&call.keys());
        let engine = found.as_ref().map_or(self.inner.sessions.base(), |found| &found.engine);
        let choices = found.as_ref().map(|found| found.choices()).unwrap_or_default();
        let mut options: HashMap<_, _> = engine.settings().into_iter().map(told).collect();
        options.insert("catalog".to_owned(), text(CATALOG));
        let types = if choices.types == Types::Native { NATIVE } else { RELEASED };
        options.insert("intarsia.types".to_owned(), text(types));
        let partitions = Some(OptionValue::Bool(choices.partitions));
        options.insert("intarsia.partitions".to_owned(), SessionOptionValue { value: partitions });
        GetSessionOptionsResult { session_options: options }
    }

    /// Ends the session. Ending none is no error: clients do so whenever they close.
    pub(super) fn close_session(
        &self,
        call: &Call,
    ) -> Result<Response<Answers<arrow_flight::Result>>, Status> {
        self.inner.sessions.close(&call.keys());
        let result = CloseSessionResult { status: CloseStatus::Closed.into() };
        let mut response = actions::one(result.encode_to_vec());
        if call.cookie.is_some() {
            response.metadata_mut().insert("set-cookie", taken_back());
        }
        Ok(response)
    }
}

const RELEASED: &str = "released";
const NATIVE: &str = "native";

fn text(text: &str) -> SessionOptionValue {
    SessionOptionValue { value: Some(OptionValue::Text(text.to_owned())) }
}

fn told((setting, value): (Setting, String)) -> (String, SessionOptionValue) {
    let name = match setting {
        Setting::Schema => "schema".to_owned(),
        Setting::Engine(name) => format!("{PREFIX}{name}"),
    };
    (name, text(&value))
}

fn set(session: &Session, name: &str, value: Option<OptionValue>) -> Result<(), ErrorValue> {
    match Named::of(name)? {
        Named::Catalog => match value {
            None => Ok(()),
            Some(OptionValue::Text(catalog)) if catalog == CATALOG => Ok(()),
            Some(_) => Err(ErrorValue::InvalidValue),
        },
        Named::Types => choose(session, types(value)?, |choices, types| choices.types = types),
        Named::Partitions => choose(session, partitions(value)?, |choices, partitions| {
            choices.partitions = partitions
        }),
        Named::Engine(setting) => engine(session, &setting, value),
    }
}

fn choose<T>(
    session: &Session,
    value: T,
    change: impl FnOnce(&mut Choices, T),
) -> Result<(), ErrorValue> {
    session.choose(|choices| change(choices, value));
    Ok(())
}

fn types(value: Option<OptionValue>) -> Result<Types, ErrorValue> {
    match value {
        None => Ok(Types::default()),
        Some(OptionValue::Text(types)) if types == RELEASED => Ok(Types::Released),
        Some(OptionValue::Text(types)) if types == NATIVE => Ok(Types::Native),
        Some(_) => Err(ErrorValue::InvalidValue),
    }
}

fn partitions(value: Option<OptionValue>) -> Result<bool, ErrorValue> {
    match value {
        None => Ok(Choices::default().partitions),
        Some(OptionValue::Bool(partitions)) => Ok(partitions),
        Some(OptionValue::Text(text)) => text.parse().map_err(|_| ErrorValue::InvalidValue),
        Some(_) => Err(ErrorValue::InvalidValue),
    }
}

fn engine(
    session: &Session,
    setting: &Setting,
    value: Option<OptionValue>,
) -> Result<(), ErrorValue> {
    let known = session.engine.settings().iter().any(|(known, _)| known == setting);
    if !known {
        return Err(ErrorValue::InvalidName);
    }
    let done = match value {
        None => session.engine.reset(setting),
        Some(OptionValue::Text(value)) => session.engine.set(setting, &value),
        Some(_) => return Err(ErrorValue::InvalidValue),
    };
    done.map_err(|_| ErrorValue::InvalidValue)
}
