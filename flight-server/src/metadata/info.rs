//! What the server is and can do: every code that the protocol defines, since the JDBC driver fails on a missing one, and
//! none that it does not define, on which it fails too.
//!
//! The numbers that drivers read as 64 bits are so, against the text of the specification: the reference servers send
//! them so, and a driver casts without a look.

use std::{collections::BTreeMap, time::Duration};

use arrow::{
    compute::can_cast_types,
    datatypes::{DataType, IntervalUnit, TimeUnit},
};
use arrow_flight::sql::{
    SqlInfo::{self, *},
    SqlNullOrdering, SqlOuterJoinsSupportLevel, SqlSupportedCaseSensitivity, SqlSupportedGroupBy,
    SqlSupportedResultSetConcurrency, SqlSupportedResultSetType, SqlSupportedSubqueries,
    SqlSupportedTransaction, SqlSupportedUnions, SqlSupportsConvert, SqlTransactionIsolationLevel,
    SupportedSqlGrammar,
    metadata::SqlInfoDataBuilder,
};
use intarsia_engine::{Engine, Topic, reserved_words, session::limits};

/// What is kept for a client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    /// Statements of a user.
    pub(crate) statements: usize,
    /// How long a prepared one lives unused.
    pub(crate) idle: Duration,
}

/// All of it.
pub(super) fn infos(engine: &Engine, kept: Kept) -> SqlInfoDataBuilder {
    let mut infos = SqlInfoDataBuilder::new();
    server(&mut infos, kept);
    flags(&mut infos);
    names(&mut infos, engine);
    grammar(&mut infos);
    bounds(&mut infos, kept);
    result_sets(&mut infos);
    infos
}

fn server(infos: &mut SqlInfoDataBuilder, kept: Kept) {
    infos.append(FlightSqlServerName, "Intarsia");
    infos.append(FlightSqlServerVersion, env!("CARGO_PKG_VERSION"));
    infos.append(FlightSqlServerArrowVersion, arrow::ARROW_VERSION);
    infos.append(FlightSqlServerSubstraitMinVersion, "");
    infos.append(FlightSqlServerSubstraitMaxVersion, "");
    infos.append(FlightSqlServerTransaction, SqlSupportedTransaction::None as i32);
    let idle = i32::try_from(kept.idle.as_millis()).unwrap_or(i32::MAX);
    infos.append(FlightSqlServerStatementTimeout, idle);
    infos.append(FlightSqlServerTransactionTimeout, 0);
}

/// What is there and what is not.
fn flags(infos: &mut SqlInfoDataBuilder) {
    for has in [
        FlightSqlServerReadOnly,
        FlightSqlServerSql,
        FlightSqlServerCancel,
        SqlAllTablesAreSelectable,
        SqlSupportsColumnAliasing,
        SqlNullPlusNullIsNull,
        SqlSupportsTableCorrelationNames,
        SqlSupportsExpressionsInOrderBy,
        SqlSupportsOrderByUnrelated,
        SqlSupportsLikeEscapeClause,
        SqlSupportsNonNullableColumns,
        SqlCatalogAtStart,
        SqlCorrelatedSubqueriesSupported,
        SqlMaxRowSizeIncludesBlobs,
    ] {
        infos.append(has, true);
    }
    for lacks in [
        FlightSqlServerSubstrait,
        FlightSqlServerBulkIngestion,
        FlightSqlServerIngestTransactionsSupported,
        SqlDdlCatalog,
        SqlDdlSchema,
        SqlDdlTable,
        SqlSupportsDifferentTableCorrelationNames,
        SqlSupportsIntegrityEnhancementFacility,
        SqlSelectForUpdateSupported,
        SqlStoredProceduresSupported,
        SqlTransactionsSupported,
        SqlDataDefinitionCausesTransactionCommit,
        SqlDataDefinitionsInTransactionsIgnored,
        SqlBatchUpdatesSupported,
        SqlSavepointsSupported,
        SqlNamedParametersSupported,
        SqlLocatorsUpdateCopy,
        SqlStoredFunctionsUsingCallSyntaxSupported,
    ] {
        infos.append(lacks, false);
    }
}

fn names(infos: &mut SqlInfoDataBuilder, engine: &Engine) {
    // Of the four values that there are, unknown is the one that promises nothing: quoted names keep their case.
    let quoted = SqlSupportedCaseSensitivity::SqlCaseSensitivityUnknown;
    let unquoted = SqlSupportedCaseSensitivity::SqlCaseSensitivityLowercase;
    infos.append(SqlIdentifierCase, unquoted as i64);
    infos.append(SqlQuotedIdentifierCase, quoted as i64);
    infos.append(SqlIdentifierQuoteChar, "\"");
    infos.append(SqlSearchStringEscape, "\\");
    infos.append(SqlExtraNameCharacters, "$");
    infos.append(SqlSchemaTerm, "schema");
    infos.append(SqlProcedureTerm, "procedure");
    infos.append(SqlCatalogTerm, "catalog");
    infos.append(SqlKeywords, reserved_words().as_slice());
    let functions = engine.functions();
    let about = |topic| -> Vec<String> {
        let functions = functions.iter().filter(|(_, about)| *about == topic);
        functions.map(|(name, _)| name.clone()).collect()
    };
    infos.append(SqlNumericFunctions, about(Topic::Number));
    infos.append(SqlStringFunctions, about(Topic::Text));
    infos.append(SqlDatetimeFunctions, about(Topic::Time));
    infos.append(SqlSystemFunctions, about(Topic::Other));
}

/// Of the protocol's `SupportedAnsi92SqlGrammarLevel`, which arrow-flight does not hand on.
const ANSI92_ENTRY_SQL: i32 = 0;
const ANSI92_INTERMEDIATE_SQL: i32 = 1;

/// As far as it only reads.
fn grammar(infos: &mut SqlInfoDataBuilder) {
    use SqlSupportedGroupBy::{SqlGroupByBeyondSelect, SqlGroupByUnrelated};
    use SqlSupportedSubqueries::{
        SqlSubqueriesInComparisons, SqlSubqueriesInExists, SqlSubqueriesInIns,
        SqlSubqueriesInQuantifieds,
    };
    use SqlSupportedUnions::{SqlUnion, SqlUnionAll};
    use SupportedSqlGrammar::{SqlCoreGrammar, SqlMinimumGrammar};
    let subqueries = [
        SqlSubqueriesInComparisons as i32,
        SqlSubqueriesInExists as i32,
        SqlSubqueriesInIns as i32,
        SqlSubqueriesInQuantifieds as i32,
    ];
    let joins = [
        SqlOuterJoinsSupportLevel::SqlLimitedOuterJoins as i32,
        SqlOuterJoinsSupportLevel::SqlFullOuterJoins as i32,
    ];
    infos.append(SqlNullOrdering, SqlNullOrdering::SqlNullsSortedHigh as i64);
    infos.append(
        SqlSupportedGroupBy,
        bits(&[SqlGroupByUnrelated as i32, SqlGroupByBeyondSelect as i32]),
    );
    infos.append(SqlSupportedGrammar, bits(&[SqlMinimumGrammar as i32, SqlCoreGrammar as i32]));
    infos.append(SqlAnsi92SupportedLevel, bits(&[ANSI92_ENTRY_SQL, ANSI92_INTERMEDIATE_SQL]));
    infos.append(SqlOuterJoinsSupportLevel, bits(&joins));
    infos.append(SqlSupportedSubqueries, bits(&subqueries));
    infos.append(SqlSupportedUnions, bits(&[SqlUnion as i32, SqlUnionAll as i32]));
    infos.append(SqlSupportsConvert, conversions());
    for none in
        [SqlSchemasSupportedActions, SqlCatalogsSupportedActions, SqlSupportedPositionedCommands]
    {
        infos.append(none, 0);
    }
}

/// 0 where there is no bound, or memory is the bound.
fn bounds(infos: &mut SqlInfoDataBuilder, kept: Kept) {
    let unbounded = (SqlMaxBinaryLiteralLength as i32..=SqlMaxUsernameLength as i32)
        .filter_map(|code| SqlInfo::try_from(code).ok())
        .filter(|info| *info != SqlMaxRowSizeIncludesBlobs);
    for info in unbounded {
        infos.append(info, 0_i64);
    }
    infos.append(SqlMaxStatementLength, i64::try_from(limits::SQL_BYTES).unwrap_or(i64::MAX));
    let relations = i64::try_from(limits::RELATIONS).unwrap_or(i64::MAX);
    infos.append(SqlMaxTablesInSelect, relations);
    infos.append(SqlMaxStatements, i64::try_from(kept.statements).unwrap_or(i64::MAX));
}

fn result_sets(infos: &mut SqlInfoDataBuilder) {
    use SqlSupportedResultSetConcurrency::SqlResultSetConcurrencyReadOnly;
    use SqlSupportedResultSetType::SqlResultSetTypeForwardOnly;
    let isolation = SqlTransactionIsolationLevel::SqlTransactionNone;
    infos.append(SqlDefaultTransactionIsolation, isolation as i64);
    infos.append(SqlSupportedTransactionsIsolationLevels, bits(&[isolation as i32]));
    infos.append(SqlSupportedResultSetTypes, bits(&[SqlResultSetTypeForwardOnly as i32]));
    infos.append(
        SqlSupportedConcurrenciesForResultSetForwardOnly,
        bits(&[SqlResultSetConcurrencyReadOnly as i32]),
    );
    for none in [
        SqlSupportedConcurrenciesForResultSetUnspecified,
        SqlSupportedConcurrenciesForResultSetScrollSensitive,
        SqlSupportedConcurrenciesForResultSetScrollInsensitive,
    ] {
        infos.append(none, 0);
    }
}

/// A mask with the bits of these numbers.
fn bits(numbers: &[i32]) -> i32 {
    numbers.iter().fold(0, |mask, number| mask | 1 << number)
}

/// What CAST does, as the kernel says that does it.
fn conversions() -> BTreeMap<i32, Vec<i32>> {
    let types = convertible();
    let to = |from: &DataType| {
        let targets = types.iter().filter(|(_, to)| can_cast_types(from, to));
        targets.map(|(name, _)| *name as i32).collect()
    };
    types.iter().map(|(name, from)| (*name as i32, to(from))).collect()
}

/// The protocol's types as they are in Arrow.
fn convertible() -> [(SqlSupportsConvert, DataType); 20] {
    use DataType as T;
    use SqlSupportsConvert::*;
    [
        (SqlConvertBigint, T::Int64),
        (SqlConvertBinary, T::Binary),
        (SqlConvertBit, T::Boolean),
        (SqlConvertChar, T::Utf8),
        (SqlConvertDate, T::Date32),
        (SqlConvertDecimal, T::Decimal128(38, 10)),
        (SqlConvertFloat, T::Float64),
        (SqlConvertInteger, T::Int32),
        (SqlConvertIntervalDayTime, T::Interval(IntervalUnit::DayTime)),
        (SqlConvertIntervalYearMonth, T::Interval(IntervalUnit::YearMonth)),
        (SqlConvertLongvarbinary, T::Binary),
        (SqlConvertLongvarchar, T::Utf8),
        (SqlConvertNumeric, T::Decimal128(38, 10)),
        (SqlConvertReal, T::Float32),
        (SqlConvertSmallint, T::Int16),
        (SqlConvertTime, T::Time64(TimeUnit::Microsecond)),
        (SqlConvertTimestamp, T::Timestamp(TimeUnit::Microsecond, None)),
        (SqlConvertTinyint, T::Int8),
        (SqlConvertVarbinary, T::Binary),
        (SqlConvertVarchar, T::Utf8),
    ]
}
