package jdbc;

import static jdbc.Checks.equal;
import static jdbc.Checks.has;
import static jdbc.Checks.raised;
import static jdbc.Checks.text;
import static jdbc.Client.connect;
import static jdbc.Client.with;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Statements that return no rows. */
final class Updates {
    @Case
    static void aSettingIsAnUpdate() throws Exception {
        with(statement -> {
            equal(statement.execute("SET intarsia.statement_timeout = '7s'"), false);
            equal(statement.getUpdateCount(), 0);
            equal(statement.executeUpdate("SET intarsia.statement_timeout = '8s'"), 0);
            String set = "SET intarsia.statement_timeout = '9s'";
            try (PreparedStatement prepared = statement.getConnection().prepareStatement(set)) {
                equal(prepared.executeUpdate(), 0);
            }
            has(text(statement.executeQuery("SHOW intarsia.statement_timeout")), "9s");
            return null;
        });
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

    @Case
    static void aBatchOfWritesIsRefused() throws Exception {
        try (Connection connection = connect()) {
            raised(() -> insertTwo(connection), "INSERT is not supported: queries only read");
            try (Statement statement = connection.createStatement()) {
                equal(text(statement.executeQuery("SELECT count(*) FROM customers")), "3");
            }
        }
    }

    /** The driver sends all rows of a batch as one update, which a query is not. */
    @Case
    static void aBatchOfQueriesIsRefused() throws Exception {
        String sql = "SELECT name FROM customers WHERE id = ?";
        try (Connection connection = connect();
                PreparedStatement query = connection.prepareStatement(sql)) {
            for (long id = 1; id <= 3; id++) {
                query.setLong(1, id);
                query.addBatch();
            }
            raised(query::executeBatch, "this statement returns rows");
            query.setLong(1, 3);
            equal(text(query.executeQuery()), "Grace");
        }
    }

    /** Of these the driver sends nothing, so that a program which uses them is served as one that does not. */
    @Case
    static void commitAndRollbackChangeNothing() throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            equal(connection.getTransactionIsolation(), Connection.TRANSACTION_NONE);
            connection.setAutoCommit(false);
            equal(text(statement.executeQuery("SELECT 1")), "1");
            connection.commit();
            equal(text(statement.executeQuery("SELECT 2")), "2");
            connection.rollback();
            equal(text(statement.executeQuery("SELECT 3")), "3");
        }
    }

    static void insertTwo(Connection connection) throws SQLException {
        String sql = "INSERT INTO customers VALUES (?, ?, ?, ?)";
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            for (long id = 10; id < 12; id++) {
                insert.setLong(1, id);
                insert.setString(2, "Bob");
                insert.setString(3, "EU");
                insert.setBigDecimal(4, new BigDecimal("1.00"));
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }
}
