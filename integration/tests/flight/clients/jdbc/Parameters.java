package jdbc;

import static jdbc.Checks.equal;
import static jdbc.Checks.has;
import static jdbc.Checks.text;
import static jdbc.Client.connect;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Date;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.List;

/** Values for prepared statements. */
final class Parameters {
    @Case
    static void everySetterSetsItsType() throws Exception {
        for (String table : List.of("kinds", "pg.kinds", "maria.kinds")) {
            found(table, "a_boolean", statement -> statement.setBoolean(1, true));
            found(table, "a_smallint", statement -> statement.setShort(1, Short.MAX_VALUE));
            found(table, "a_small_unsigned", statement -> statement.setInt(1, 65535));
            found(table, "an_integer", statement -> statement.setInt(1, Integer.MAX_VALUE));
            found(table, "a_bigint", statement -> statement.setLong(1, Long.MAX_VALUE));
            found(table, "a_real", statement -> statement.setFloat(1, 1.5f));
            found(table, "a_double", statement -> statement.setDouble(1, 2.25));
            found(table, "a_decimal",
                    statement -> statement.setBigDecimal(1, new BigDecimal("9999999999.99")));
            found(table, "a_text", statement -> statement.setString(1, "Grüße, \"Welt\""));
            found(table, "a_binary", statement -> statement.setBytes(1, new byte[] {0, -1, 16}));
            found(table, "a_date", statement -> statement.setDate(1, Date.valueOf("2024-02-29")));
            found(table, "a_uuid",
                    statement -> statement.setString(1, "123e4567-e89b-12d3-a456-426614174000"));
            found(table, "an_integer", statement -> statement.setObject(1, Integer.MAX_VALUE));
        }
    }

    /** The driver knows milliseconds only, whatever was declared. */
    @Case
    static void timesAreSetInMilliseconds() throws Exception {
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement(
                        "SELECT CAST(CAST(? AS timestamp) AS text), CAST(CAST(? AS time) AS text)")) {
            statement.setTimestamp(1, Timestamp.valueOf("2024-02-29 12:34:56.789"));
            statement.setTime(2, new Time(((12 * 60 + 34) * 60 + 56) * 1000L));
            String row = text(statement.executeQuery());
            has(row, "2024-02-29T12:34:56.789");
            has(row, "12:34:56");
        }
    }

    @Case
    static void aParameterMayBeNull() throws Exception {
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement(
                        "SELECT count(*) FROM customers WHERE name = ? OR id = ?")) {
            statement.setNull(1, Types.VARCHAR);
            statement.setLong(2, 3);
            equal(text(statement.executeQuery()), "1");
        }
    }

    @Case
    static void parametersAreDescribed() throws Exception {
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement(
                        "SELECT id FROM customers WHERE id = ? AND name LIKE ? AND balance > ? LIMIT ?")) {
            ParameterMetaData parameters = statement.getParameterMetaData();
            equal(parameters.getParameterCount(), 4);
            equal(parameters.getParameterType(1), Types.BIGINT);
            equal(parameters.getParameterType(2), Types.VARCHAR);
            equal(parameters.getParameterType(3), Types.DECIMAL);
            equal(parameters.getParameterType(4), Types.BIGINT);
            statement.setLong(1, 1);
            statement.setString(2, "A%");
            statement.setBigDecimal(3, new BigDecimal("1.00"));
            statement.setLong(4, 10);
            equal(text(statement.executeQuery()), "1");
        }
    }

    /** The driver sets no value of another type than it was told: it is told what the surroundings take. */
    @Case
    static void parametersAreTypedByWhatSurroundsThem() throws Exception {
        String sql = "SELECT count(*) FROM customers WHERE id IN (?, 7) AND id BETWEEN ? AND ?"
                + " AND substr(name, ?, 1) = ? AND CAST(? AS bigint) = 5 AND coalesce(balance, ?) > 1";
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, 1);
            statement.setLong(2, 0);
            statement.setLong(3, 2);
            statement.setLong(4, 2);
            statement.setString(5, "d");
            statement.setLong(6, 5);
            statement.setBigDecimal(7, new BigDecimal("0.00"));
            equal(text(statement.executeQuery()), "1");
        }
    }

    @Case
    static void aLongValueIsTaken() throws Exception {
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement("SELECT length(?)")) {
            statement.setString(1, "x".repeat(5_000_000));
            equal(text(statement.executeQuery()), "5000000");
        }
    }

    @Case
    static void aPreparedStatementServesManyValues() throws Exception {
        try (Connection connection = connect();
                PreparedStatement statement =
                        connection.prepareStatement("SELECT name FROM customers WHERE id = ?")) {
            for (int round = 0; round < 3; round++) {
                statement.setLong(1, 1);
                equal(text(statement.executeQuery()), "Ada");
                statement.setLong(1, 3);
                equal(text(statement.executeQuery()), "Grace");
            }
        }
    }

    // What the cases are made of

    interface Set {
        void on(PreparedStatement statement) throws SQLException;
    }

    /** The row with id 1, and no other, by a value of one column. */
    static void found(String table, String column, Set set) throws Exception {
        String sql = "SELECT id FROM " + table + " WHERE " + column + " = ?";
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            set.on(statement);
            equal(sql + ": " + text(statement.executeQuery()), sql + ": 1");
        } catch (SQLException error) {
            throw new SQLException(sql, error);
        }
    }
}
