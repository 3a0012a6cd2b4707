//! Arrow's JDBC driver: what DBeaver, Tableau, DataGrip and any Java program connect with.

use std::sync::LazyLock;

use crate::support::{Program, cases};

static JDBC: LazyLock<Program> = LazyLock::new(|| Program::java("jdbc"));

cases! { JDBC;
    // Connections
    connects_with_a_password_over_tls,
    connects_without_users,
    connects_with_a_token,
    connects_with_a_certificate,
    who_has_no_certificate_is_not_let_in,
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
    ten_thousand_tables_are_listed,
    their_columns_are_listed,
    a_pattern_finds_its_match_among_them,
    // Queries
    every_type_comes_from_every_database,
    nulls_are_nulls,
    columns_of_results_are_described,
    a_result_may_be_large,
    a_value_may_be_long,
    what_the_driver_does_not_know_comes_as_what_it_knows,
    an_answer_in_parts_comes_as_one,
    rows_may_be_few,
    a_statement_serves_many_times,
    // Parameters
    every_setter_sets_its_type,
    times_are_set_in_milliseconds,
    a_parameter_may_be_null,
    parameters_are_described,
    parameters_are_typed_by_what_surrounds_them,
    a_long_value_is_taken,
    a_prepared_statement_serves_many_values,
    // Updates
    a_setting_is_an_update,
    writes_are_refused,
    a_batch_of_writes_is_refused,
    a_batch_of_queries_is_refused,
    commit_and_rollback_change_nothing,
    // Ends
    a_cancelled_statement_ends_on_the_server,
    a_closed_result_ends_on_the_server,
    a_query_timeout_ends_the_wait_for_the_first_rows,
    a_query_timeout_lets_rows_that_come_go_on,
    a_timeout_of_the_statement_ends_it,
    // Errors
    a_syntax_error_says_where,
    a_long_error_arrives,
    an_error_while_rows_come_is_an_error,
}
