package jdbc;

import static jdbc.Checks.equal;
import static jdbc.Client.url;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A server of ten thousand tables: s0.t_000 to s9.t_999, each with five columns. */
final class Many {
    static final String[] TABLE = {"TABLE"};
    static final List<String> COLUMNS = List.of("id", "name", "price", "made_at", "is_sold");

    @Case
    static void tenThousandTablesAreListed() throws Exception {
        List<String> expected = new ArrayList<>();
        for (int number = 0; number < 10_000; number++) {
            expected.add(table(number));
        }
        equal(tables(metadata -> metadata.getTables(null, null, null, TABLE)), expected);
    }

    @Case
    static void theirColumnsAreListed() throws Exception {
        List<String> expected = new ArrayList<>();
        for (int number = 0; number < 10_000; number++) {
            for (String column : COLUMNS) {
                expected.add(table(number) + "." + column);
            }
        }
        equal(columns(metadata -> metadata.getColumns(null, "s%", null, null)), expected);
    }

    @Case
    static void aPatternFindsItsMatchAmongThem() throws Exception {
        equal(
                tables(metadata -> metadata.getTables(null, "s7", "t\\_12_", TABLE)),
                List.of(
                        "s7.t_120", "s7.t_121", "s7.t_122", "s7.t_123", "s7.t_124",
                        "s7.t_125", "s7.t_126", "s7.t_127", "s7.t_128", "s7.t_129"));
        List<String> prices = new ArrayList<>();
        for (int schema = 0; schema < 10; schema++) {
            prices.add("s" + schema + ".t_999.price");
        }
        equal(columns(metadata -> metadata.getColumns(null, "s_", "%\\_999", "p%")), prices);
        equal(columns(metadata -> metadata.getColumns(null, "s3", "t", "%")), List.of());
    }

    static String table(int number) {
        return String.format("s%d.t_%03d", number / 1000, number % 1000);
    }

    static List<String> tables(Metadata.Asked asked) throws SQLException {
        return listed(asked, "TABLE_SCHEM", "TABLE_NAME");
    }

    static List<String> columns(Metadata.Asked asked) throws SQLException {
        return listed(asked, "TABLE_SCHEM", "TABLE_NAME", "COLUMN_NAME");
    }

    static List<String> listed(Metadata.Asked asked, String... parts) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url("MANY", "useEncryption=false"));
                ResultSet rows = asked.of(connection.getMetaData())) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                List<String> name = new ArrayList<>();
                for (String part : parts) {
                    name.add(rows.getString(part));
                }
                found.add(String.join(".", name));
            }
            return found;
        }
    }
}
