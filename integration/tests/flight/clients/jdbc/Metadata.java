package jdbc;

import static jdbc.Checks.equal;
import static jdbc.Checks.has;
import static jdbc.Checks.text;
import static jdbc.Client.connect;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;

/** Catalogs, tables, columns, keys, and what the server can do. */
final class Metadata {
    @Case
    static void catalogsAreListed() throws Exception {
        told(metadata -> metadata.getCatalogs(), "intarsia");
    }

    @Case
    static void schemasAreListed() throws Exception {
        told(
                metadata -> metadata.getSchemas(),
                "information_schema|intarsia", "maria|intarsia", "pg|intarsia", "public|intarsia");
        told(metadata -> metadata.getSchemas("intarsia", "p_"), "pg|intarsia");
        told(metadata -> metadata.getSchemas("other", null));
    }

    @Case
    static void tablesAreListed() throws Exception {
        List<String> tables = names(metadata -> metadata.getTables(null, "public", "%", null), "TABLE_NAME");
        equal(tables, List.of("customers", "kinds", "orders"));
        String[] types = {"SYSTEM TABLE"};
        tables = names(metadata -> metadata.getTables("intarsia", null, "col%", types), "TABLE_NAME");
        equal(tables, List.of("columns"));
        tables = names(metadata -> metadata.getTables(null, null, "kinds", null), "TABLE_SCHEM");
        equal(tables, List.of("maria", "pg", "public"));
        told(metadata -> metadata.getTableTypes(), "SYSTEM TABLE", "TABLE", "VIEW");
    }

    @Case
    static void patternsAreEscapedAsTheServerSays() throws Exception {
        String escape = metadata(DatabaseMetaData::getSearchStringEscape);
        List<String> tables = names(
                metadata -> metadata.getTables(null, null, "df" + escape + "_settings", null),
                "TABLE_NAME");
        equal(tables, List.of("df_settings"));
    }

    @Case
    static void columnsAreListed() throws Exception {
        List<String> columns = metadata(metadata -> {
            List<String> found = new ArrayList<>();
            try (ResultSet rows = metadata.getColumns(null, "public", "customers", "%")) {
                while (rows.next()) {
                    found.add(rows.getInt("ORDINAL_POSITION") + " " + rows.getString("COLUMN_NAME") + " "
                            + rows.getInt("DATA_TYPE") + " " + rows.getString("TYPE_NAME") + " "
                            + rows.getInt("COLUMN_SIZE") + " " + rows.getInt("DECIMAL_DIGITS") + " "
                            + rows.getString("IS_NULLABLE") + " " + rows.getString("IS_AUTOINCREMENT"));
                }
            }
            return found;
        });
        equal(columns, List.of(
                "1 id " + Types.BIGINT + " BIGINT 19 0 NO NO",
                "2 name " + Types.VARCHAR + " TEXT 65536 0 YES NO",
                "3 region " + Types.VARCHAR + " TEXT 65536 0 NO NO",
                "4 balance " + Types.DECIMAL + " DECIMAL 12 2 YES NO"));
    }

    @Case
    static void primaryKeysAreListed() throws Exception {
        told(
                metadata -> metadata.getPrimaryKeys(null, "public", "customers"),
                "intarsia|public|customers|id|1|customers_pkey");
        told(metadata -> metadata.getPrimaryKeys(null, "pg", "kinds"));
    }

    @Case
    static void foreignKeysAreListed() throws Exception {
        String key = "customers.id <- orders.customer_id orders_customer_id_fkey 1";
        equal(foreign(metadata -> metadata.getImportedKeys(null, "public", "orders")), List.of(key));
        equal(foreign(metadata -> metadata.getExportedKeys(null, "public", "customers")), List.of(key));
        equal(
                foreign(metadata -> metadata.getCrossReference(
                        null, null, "customers", null, null, "orders")),
                List.of(key));
        equal(foreign(metadata -> metadata.getImportedKeys(null, null, "customers")), List.of());
    }

    @Case
    static void everyGetterOfTheMetadataAnswers() throws Exception {
        List<String> failed = metadata(metadata -> {
            List<String> failures = new ArrayList<>();
            for (Method method : DatabaseMetaData.class.getMethods()) {
                if (method.getParameterCount() == 0 && !method.isDefault()) {
                    try {
                        Object answer = method.invoke(metadata);
                        if (answer instanceof ResultSet rows) {
                            rows.close();
                        }
                    } catch (Exception error) {
                        failures.add(method.getName() + ": " + error.getCause());
                    }
                }
            }
            return failures;
        });
        equal(failed, List.of());
    }

    @Case
    static void theMetadataSaysWhatTheServerCan() throws Exception {
        metadata(metadata -> {
            equal(metadata.getDatabaseProductName(), "Intarsia");
            equal(metadata.getIdentifierQuoteString(), "\"");
            equal(metadata.isReadOnly(), true);
            equal(metadata.supportsTransactions(), false);
            equal(metadata.supportsFullOuterJoins(), true);
            equal(metadata.supportsUnionAll(), true);
            equal(metadata.supportsSubqueriesInExists(), true);
            equal(metadata.supportsANSI92EntryLevelSQL(), true);
            equal(metadata.supportsConvert(Types.INTEGER, Types.VARCHAR), true);
            equal(metadata.supportsConvert(Types.DATE, Types.BIT), false);
            equal(metadata.getMaxStatementLength(), 1 << 20);
            has(metadata.getNumericFunctions(), "abs");
            has(metadata.getSQLKeywords(), "SELECT");
            return null;
        });
    }

    // What the cases are made of

    interface Asked {
        ResultSet of(DatabaseMetaData metadata) throws SQLException;
    }

    interface Told<T> {
        T of(DatabaseMetaData metadata) throws Exception;
    }

    static <T> T metadata(Told<T> told) throws Exception {
        try (Connection connection = connect()) {
            return told.of(connection.getMetaData());
        }
    }

    static void told(Asked asked, String... expected) throws Exception {
        try (Connection connection = connect();
                ResultSet rows = asked.of(connection.getMetaData())) {
            equal(text(rows), String.join("\n", expected));
        }
    }

    static List<String> names(Asked asked, String column) throws Exception {
        try (Connection connection = connect();
                ResultSet rows = asked.of(connection.getMetaData())) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString(column));
            }
            return found;
        }
    }

    static List<String> foreign(Asked asked) throws Exception {
        try (Connection connection = connect();
                ResultSet rows = asked.of(connection.getMetaData())) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString("PKTABLE_NAME") + "." + rows.getString("PKCOLUMN_NAME") + " <- "
                        + rows.getString("FKTABLE_NAME") + "." + rows.getString("FKCOLUMN_NAME") + " "
                        + rows.getString("FK_NAME") + " " + rows.getInt("KEY_SEQ"));
            }
            return found;
        }
    }
}
