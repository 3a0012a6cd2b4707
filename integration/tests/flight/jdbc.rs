//! Arrow's JDBC driver: what DBeaver, Tableau, DataGrip and any Java program connect with.

use std::sync::LazyLock;

use crate::support::{Program, cases};

static JDBC: LazyLock<Program> = LazyLock::new(|| Program::java("jdbc"));

cases! { JDBC;
    // Connections
    connects_with_a_password_over_tls,
    connects_without_users,
    connects_with_a_token,
    a_wrong_password_is_refused,
    a_connection_knows_whether_it_is_there,
    sessions_keep_their_settings,
    the_catalog_may_be_named_in_the_url,
    unknown_properties_are_headers,
    // What there is
    catalogs_are_listed,
    schemas_are_listed,
    tables_are_listed,
    patterns_are_escaped_as_the_server_says,
    columns_are_listed,
    primary_keys_are_listed,
    foreign_keys_are_listed,
    every_getter_of_the_metadata_answers,
    the_metadata_says_what_the_server_can,
    // Queries
    every_type_comes_from_every_database,
    nulls_are_nulls,
    columns_of_results_are_described,
    a_result_may_be_large,
    rows_may_be_few,
    a_statement_serves_many_times,
    // Parameters
    every_setter_sets_its_type,
    times_are_set_in_milliseconds,
    a_parameter_may_be_null,
    parameters_are_described,
    a_prepared_statement_serves_many_values,
    // Ends
    a_cancelled_statement_ends_on_the_server,
    a_closed_result_ends_on_the_server,
    a_timeout_of_the_statement_ends_it,
    // Errors
    a_syntax_error_says_where,
    a_long_error_arrives,
    an_error_while_rows_come_is_an_error,
    writes_are_refused,
}
