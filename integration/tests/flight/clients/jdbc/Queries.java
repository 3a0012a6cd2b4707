package jdbc;

import static jdbc.Checks.equal;
import static jdbc.Checks.has;
import static jdbc.Checks.text;
import static jdbc.Client.answer;
import static jdbc.Client.encoded;
import static jdbc.Client.rows;
import static jdbc.Client.tls;
import static jdbc.Client.url;
import static jdbc.Client.variable;
import static jdbc.Client.with;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.Arrays;
import java.util.List;

/** Queries and their rows. */
final class Queries {
    @Case
    static void everyTypeComesFromEveryDatabase() throws Exception {
        for (String table : List.of("kinds", "pg.kinds", "maria.kinds")) {
            with(statement -> {
                ResultSet rows = statement.executeQuery("SELECT * FROM " + table + " WHERE id <> 2 ORDER BY id");
                rows.next();
                equal(rows.getBoolean("a_boolean"), true);
                equal(rows.getShort("a_smallint"), Short.MAX_VALUE);
                equal(rows.getInt("a_small_unsigned"), 65535);
                equal(rows.getInt("an_integer"), Integer.MAX_VALUE);
                equal(rows.getLong("an_unsigned"), (long) Integer.MAX_VALUE);
                equal(rows.getLong("a_bigint"), Long.MAX_VALUE);
                equal(rows.getLong("a_big_unsigned"), Long.MAX_VALUE);
                equal(rows.getFloat("a_real"), 1.5f);
                equal(rows.getDouble("a_double"), 2.25);
                equal(rows.getBigDecimal("a_decimal"), new BigDecimal("9999999999.99"));
                equal(rows.getString("a_text"), "Grüße, \"Welt\"");
                equal(Arrays.toString(rows.getBytes("a_binary")), "[0, -1, 16]");
                equal(rows.getDate("a_date").toString(), "2024-02-29");
                has(rows.getTime("a_time").toString(), "12:34:56");
                equal(rows.getTimestamp("a_timestamp"), Timestamp.valueOf("2024-02-29 12:34:56.789012"));
                equal(rows.getTimestamp("an_instant"), Timestamp.valueOf("2024-02-29 12:34:56.789012"));
                equal(rows.getString("a_uuid"), "123e4567-e89b-12d3-a456-426614174000");
                equal(rows.getObject("a_bigint"), Long.MAX_VALUE);
                rows.next();
                equal(rows.getLong("a_bigint"), Long.MIN_VALUE);
                equal(rows.getString("a_text"), "");
                equal(rows.getBytes("a_binary").length, 0);
                equal(rows.getTimestamp("a_timestamp"), Timestamp.valueOf("1969-12-31 23:59:59.999999"));
                equal(rows.next(), false);
                return null;
            });
        }
    }

    /** But for instants, of which this driver gives no object, whatever their value. */
    @Case
    static void nullsAreNulls() throws Exception {
        with(statement -> {
            ResultSet rows = statement.executeQuery("SELECT * FROM kinds WHERE id = 2");
            rows.next();
            for (int column = 2; column <= rows.getMetaData().getColumnCount(); column++) {
                if (rows.getMetaData().getColumnType(column) == Types.TIMESTAMP_WITH_TIMEZONE) {
                    equal(rows.getTimestamp(column), null);
                } else {
                    equal(rows.getObject(column), null);
                }
                equal(rows.wasNull(), true);
            }
            equal(rows.getInt("an_integer"), 0);
            equal(rows.wasNull(), true);
            return null;
        });
    }

    /** Of a result without rows this driver shows each column twice, whatever is sent. */
    @Case
    static void columnsOfResultsAreDescribed() throws Exception {
        with(statement -> {
            String sql = "SELECT id, balance AS \"Money\", upper(name) FROM customers WHERE id = 1";
            ResultSet rows = statement.executeQuery(sql);
            ResultSetMetaData columns = rows.getMetaData();
            equal(columns.getColumnCount(), 3);
            equal(columns.getColumnLabel(2), "Money");
            equal(columns.getColumnType(2), Types.DECIMAL);
            equal(columns.getPrecision(2), 12);
            equal(columns.getScale(2), 2);
            equal(columns.getColumnType(1), Types.BIGINT);
            equal(columns.isSearchable(1), true);
            equal(columns.isCaseSensitive(3), true);
            equal(rows.next(), true);
            equal(rows.next(), false);
            return null;
        });
    }

    @Case
    static void aResultMayBeLarge() throws Exception {
        with(statement -> {
            String sql = "SELECT value, 'row ' || value FROM generate_series(1, 500000)";
            ResultSet rows = statement.executeQuery(sql);
            long count = 0;
            while (rows.next()) {
                count++;
                has(rows.getString(2), "row ");
            }
            equal(count, 500_000L);
            return null;
        });
    }

    @Case
    static void aValueMayBeLong() throws Exception {
        with(statement -> {
            ResultSet rows = statement.executeQuery("SELECT repeat('x', 5000000)");
            rows.next();
            equal(rows.getString(1).length(), 5_000_000);
            return null;
        });
    }

    /** The driver has no accessors for views and short decimals, which the engine's functions may return. */
    @Case
    static void whatTheDriverDoesNotKnowComesAsWhatItKnows() throws Exception {
        equal(
                rows("SELECT arrow_cast('a', 'Utf8View'), arrow_cast('b', 'Dictionary(Int32, Utf8)'),"
                        + " arrow_cast(1.5, 'Decimal32(5, 2)'), arrow_cast('c', 'LargeUtf8')"),
                "a|b|1.50|c");
    }

    /** One for each of the table's nodes, which the driver reads one after the other. */
    @Case
    static void anAnswerInPartsComesAsOne() throws Exception {
        String url = url("SECURE", tls() + "&token=" + encoded(variable("PARTS_TOKEN")));
        String answer = answer(url, "SELECT id FROM customers WHERE id > 0");
        equal(answer.lines().sorted().toList(), List.of("1", "2", "3"));
    }

    @Case
    static void rowsMayBeFew() throws Exception {
        with(statement -> {
            statement.setMaxRows(7);
            ResultSet rows = statement.executeQuery("SELECT value FROM generate_series(1, 100000)");
            int count = 0;
            while (rows.next()) {
                count++;
            }
            equal(count, 7);
            return null;
        });
    }

    @Case
    static void aStatementServesManyTimes() throws Exception {
        with(statement -> {
            for (int n = 0; n < 20; n++) {
                equal(text(statement.executeQuery("SELECT " + n)), String.valueOf(n));
            }
            equal(statement.execute("SELECT 1"), true);
            return null;
        });
    }
}
