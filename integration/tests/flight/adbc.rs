//! Python's ADBC driver, which is Go's underneath: what DB-API programs, polars and pandas connect with.

use std::sync::LazyLock;

use crate::support::{Program, cases};

static ADBC: LazyLock<Program> = LazyLock::new(|| Program::python("adbc"));

cases! { ADBC;
    // Connections
    connects_with_a_password_over_tls,
    connects_without_users,
    connects_with_a_token,
    connects_with_a_certificate,
    who_has_no_certificate_is_not_let_in,
    headers_are_sent_along,
    a_wrong_password_is_refused,
    a_certificate_of_nobody_is_refused,
    autocommit_is_all_there_is,
    sessions_keep_their_settings,
    a_session_may_be_kept_by_a_cookie,
    current_catalog_and_schema_are_told,
    current_catalog_and_schema_are_set,
    // What there is
    info_is_told,
    catalogs_are_listed,
    schemas_are_listed,
    tables_are_listed,
    columns_are_listed,
    objects_are_filtered,
    a_table_has_a_schema,
    an_unknown_table_has_none,
    types_of_tables_are_told,
    ten_thousand_tables_are_listed_with_their_columns,
    a_pattern_finds_its_match_among_ten_thousand,
    a_table_is_known_by_its_name_among_ten_thousand,
    // Queries
    rows_come_as_python_values,
    rows_come_as_arrow,
    rows_come_batch_by_batch,
    every_type_comes_from_every_database,
    an_empty_result_has_columns,
    a_result_may_be_large,
    sixteen_threads_ask_at_once,
    a_value_may_be_long,
    what_clients_do_not_know_comes_as_what_they_know,
    a_statement_need_not_be_prepared,
    a_schema_is_told_without_running,
    an_answer_in_parts_comes_as_one,
    an_answer_is_polled_for,
    partitions_are_read_on_another_connection,
    // Parameters
    a_parameter_of_every_type,
    a_long_value_is_taken,
    a_parameter_may_be_null,
    dollar_parameters_may_repeat,
    a_parameter_of_no_type_takes_that_of_its_value,
    many_rows_of_parameters_are_many_queries,
    executemany_of_a_query_reads_the_last,
    a_value_that_does_not_fit_is_refused,
    parameters_that_are_missing_are_told,
    // Updates
    a_setting_is_an_update,
    writes_are_refused,
    ingest_is_refused,
    // Ends
    a_cancelled_query_ends_on_the_server,
    a_result_that_nobody_reads_ends_on_the_server,
    a_timeout_of_the_client_ends_the_query,
    a_timeout_of_the_statement_ends_the_query,
    // Errors
    a_syntax_error_says_where,
    an_unknown_column_is_told_with_the_known,
    an_error_while_rows_come_is_an_error,
    an_error_names_its_query,
    plans_of_substrait_are_refused,
    a_query_past_its_memory_is_refused,
    a_node_that_is_not_there_is_unavailable,
}
