//! pyarrow.flight: programs that know Flight, and Flight SQL by hand at most.

use std::sync::LazyLock;

use crate::support::{Program, cases};

static FLIGHT: LazyLock<Program> = LazyLock::new(|| Program::python("flight"));

cases! { FLIGHT;
    a_basic_token_serves_each_call,
    a_wrong_password_is_unauthenticated,
    a_call_without_credentials_is_refused,
    the_text_of_a_query_is_a_command,
    a_path_is_a_table,
    schemas_are_told_without_running,
    what_there_is_is_asked_by_hand,
    actions_are_listed,
    no_flights_are_listed,
    a_flight_is_cancelled_by_its_action,
    a_timeout_ends_the_query,
    errors_have_their_class,
}
