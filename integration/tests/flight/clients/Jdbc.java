import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.Date;
import java.sql.DriverManager;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** What Java programs do with Arrow's JDBC driver. */
public class Jdbc {
    /** A case: a line of JSON tells how it went. */
    @Retention(RetentionPolicy.RUNTIME)
    @interface Case {}

    interface Work<T> {
        T on(Statement statement) throws Exception;
    }

    interface Action {
        void run() throws Exception;
    }

    static final int SECONDS = 60;
    static final String FOR_EVER =
            "SELECT count(*) FROM generate_series(1, 10000000) a, generate_series(1, 10000000) b"
                    + " WHERE a.value * 3 = b.value * 7 + 1";
    static final String ENDLESS_ROWS =
            "SELECT a.value + b.value AS n FROM generate_series(1, 10000000) a,"
                    + " generate_series(1, 10000000) b";

    // Connections

    @Case
    static void connectsWithAPasswordOverTls() throws Exception {
        equal(rows("SELECT 1 + 1"), "2");
    }

    @Case
    static void connectsWithoutUsers() throws Exception {
        try (Connection connection = DriverManager.getConnection(url("PLAIN", "useEncryption=false"));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT 42")) {
            equal(text(rows), "42");
        }
    }

    @Case
    static void connectsWithAToken() throws Exception {
        String token = variable("TOKEN");
        String url = url("SECURE", tls() + "&token=" + encoded(token));
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT 1")) {
            equal(text(rows), "1");
        }
    }

    @Case
    static void aWrongPasswordIsRefused() throws Exception {
        String url = url("SECURE", tls() + "&user=" + variable("USER") + "&password=another");
        raised(() -> DriverManager.getConnection(url).close(), "UNAUTHENTICATED");
    }

    @Case
    static void aConnectionKnowsWhetherItIsThere() throws Exception {
        try (Connection connection = connect()) {
            equal(connection.isValid(5), true);
            equal(connection.isReadOnly() || connection.getMetaData().isReadOnly(), true);
        }
    }

    @Case
    static void sessionsKeepTheirSettings() throws Exception {
        with(statement -> {
            statement.execute("SET intarsia.statement_timeout = '7s'");
            has(text(statement.executeQuery("SHOW intarsia.statement_timeout")), "7s");
            return null;
        });
    }

    /** Closing such a connection is a fault of the driver: it ends the session on a channel that it has shut. */
    @Case
    static void theCatalogMayBeNamedInTheUrl() throws Exception {
        Connection connection = DriverManager.getConnection(secure() + "&catalog=intarsia");
        Statement statement = connection.createStatement();
        equal(text(statement.executeQuery("SELECT count(*) FROM customers")), "3");
        statement.close();
        raised(() -> DriverManager.getConnection(secure() + "&catalog=other").close(), "other");
    }

    @Case
    static void unknownPropertiesAreHeaders() throws Exception {
        String url = secure() + "&routing=" + "x".repeat(20_000);
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            equal(text(statement.executeQuery("SELECT 1")), "1");
        }
    }

    // What there is

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

    // Queries

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

    // Parameters

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

    // Ends

    @Case
    static void aCancelledStatementEndsOnTheServer() throws Exception {
        with(statement -> {
            ExecutorService apart = Executors.newSingleThreadExecutor();
            Future<String> asked = apart.submit(() -> text(statement.executeQuery(FOR_EVER)));
            atWork();
            statement.cancel();
            try {
                throw new AssertionError("an answer: " + asked.get(5, TimeUnit.SECONDS));
            } catch (ExecutionException ended) {
                apart.shutdown();
            }
            return null;
        });
        atRestWithinASecond();
    }

    @Case
    static void aClosedResultEndsOnTheServer() throws Exception {
        with(statement -> {
            ResultSet rows = statement.executeQuery(ENDLESS_ROWS);
            equal(rows.next(), true);
            rows.close();
            return null;
        });
        atRestWithinASecond();
    }

    @Case
    static void aTimeoutOfTheStatementEndsIt() throws Exception {
        with(statement -> {
            statement.execute("SET intarsia.statement_timeout = '500ms'");
            raised(() -> text(statement.executeQuery(FOR_EVER)), "statement_timeout");
            return null;
        });
        atRestWithinASecond();
    }

    // Errors

    @Case
    static void aSyntaxErrorSaysWhere() throws Exception {
        String error = raised(() -> rows("SELECT id FROM customers\nWHERE WHERE"), "2");
        has(error, "^");
    }

    /** gRPC for Java takes 8 KiB of headers, and a longer message would be lost whole. */
    @Case
    static void aLongErrorArrives() throws Exception {
        StringBuilder sql = new StringBuilder("SELECT nme FROM kinds AS k0");
        for (int n = 1; n < 20; n++) {
            sql.append(", kinds AS an_alias_that_is_rather_long_").append(n);
        }
        String error = raised(() -> rows(sql.toString()), "nme");
        has(error, "INVALID_ARGUMENT");
        String name = "n".repeat(5000);
        raised(() -> rows("SELECT " + name + " FROM customers"), "nnn");
    }

    @Case
    static void anErrorWhileRowsComeIsAnError() throws Exception {
        try {
            rows("SELECT 100 / (value - 90000) FROM generate_series(1, 100000)");
        } catch (SQLException | RuntimeException error) {
            has(error.toString(), "INVALID_ARGUMENT: division by zero");
            return;
        }
        throw new AssertionError("no error");
    }

    @Case
    static void writesAreRefused() throws Exception {
        for (String sql : List.of("INSERT INTO customers VALUES (9)", "CREATE TABLE t (a int)")) {
            with(statement -> {
                raised(() -> statement.executeUpdate(sql), sql.split(" ")[0]);
                return null;
            });
        }
    }

    // What the cases are made of

    interface Asked {
        ResultSet of(DatabaseMetaData metadata) throws SQLException;
    }

    interface Told<T> {
        T of(DatabaseMetaData metadata) throws Exception;
    }

    interface Set {
        void on(PreparedStatement statement) throws SQLException;
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

    static <T> T with(Work<T> work) throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            return work.on(statement);
        }
    }

    static String rows(String sql) throws Exception {
        return with(statement -> text(statement.executeQuery(sql)));
    }

    static String text(ResultSet rows) throws SQLException {
        List<String> lines = new ArrayList<>();
        int columns = rows.getMetaData().getColumnCount();
        while (rows.next()) {
            List<String> values = new ArrayList<>();
            for (int column = 1; column <= columns; column++) {
                values.add(rows.getString(column));
            }
            lines.add(String.join("|", values));
        }
        return String.join("\n", lines);
    }

    static Connection connect() throws SQLException {
        return DriverManager.getConnection(secure());
    }

    static String secure() {
        String login = "&user=" + variable("USER") + "&password=" + encoded(variable("PASSWORD"));
        return url("SECURE", tls() + login);
    }

    static String tls() {
        return "useEncryption=true&tlsRootCerts=" + encoded(variable("CERTIFICATE"));
    }

    static String url(String server, String properties) {
        String address = variable(server).replaceFirst("grpc(\\+tls)?://", "");
        return "jdbc:arrow-flight-sql://" + address + "/?" + properties;
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    static String variable(String name) {
        return System.getenv("INTARSIA_" + name);
    }

    static void equal(Object found, Object expected) {
        if (!java.util.Objects.equals(found, expected)) {
            throw new AssertionError("found\n" + found + "\nexpected\n" + expected);
        }
    }

    static void has(String text, String word) {
        if (!text.contains(word)) {
            throw new AssertionError("no `" + word + "` in: " + text);
        }
    }

    static String raised(Action action, String word) throws Exception {
        try {
            action.run();
        } catch (SQLException error) {
            StringWriter whole = new StringWriter();
            error.printStackTrace(new PrintWriter(whole));
            has(whole.toString(), word);
            return whole.toString();
        }
        throw new AssertionError("no error");
    }

    /** What the servers have worked so far. */
    static double processorSeconds() throws Exception {
        long ticks = 0;
        for (String pid : variable("PIDS").split(" ")) {
            String stat = Files.readString(Path.of("/proc", pid, "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        }
        return ticks / 100.0;
    }

    /** Waits until the servers work hard, or as hard as a busy machine lets them. */
    static void atWork() throws Exception {
        for (int n = 0; n < 50; n++) {
            double before = processorSeconds();
            Thread.sleep(300);
            if (processorSeconds() - before >= 0.03) {
                return;
            }
        }
        throw new AssertionError("the servers never began to work");
    }

    static void atRestWithinASecond() throws Exception {
        Thread.sleep(1000);
        double before = processorSeconds();
        Thread.sleep(500);
        double used = processorSeconds() - before;
        if (used >= 0.03) {
            throw new AssertionError("a second later the servers still work: " + used + " of 0.5 s");
        }
    }

    public static void main(String[] named) {
        ExecutorService runner = Executors.newCachedThreadPool();
        for (Method method : Jdbc.class.getDeclaredMethods()) {
            String name = method.getName().replaceAll("([A-Z])", "_$1").toLowerCase();
            boolean wanted = named.length == 0 || Arrays.asList(named).contains(name);
            if (wanted && method.isAnnotationPresent(Case.class)) {
                System.out.println("{\"case\": \"" + name + "\", \"error\": " + error(runner, method) + "}");
            }
        }
        // A case that hangs must not keep the program.
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    static String error(ExecutorService runner, Method method) {
        try {
            runner.submit(() -> method.invoke(null)).get(SECONDS, TimeUnit.SECONDS);
            return "null";
        } catch (Exception failed) {
            Throwable cause = failed.getCause() == null ? failed : failed.getCause();
            StringWriter whole = new StringWriter();
            cause.printStackTrace(new PrintWriter(whole));
            return quoted(whole.toString());
        }
    }

    static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char one : text.toCharArray()) {
            if (one == '"' || one == '\\') {
                json.append('\\').append(one);
            } else if (one < ' ') {
                json.append(String.format("\\u%04x", (int) one));
            } else {
                json.append(one);
            }
        }
        return json.append('"').toString();
    }
}
