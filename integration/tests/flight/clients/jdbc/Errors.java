package jdbc;

import static jdbc.Checks.has;
import static jdbc.Checks.raised;
import static jdbc.Client.rows;

import java.sql.SQLException;

/** What is told of what goes wrong. */
final class Errors {
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
}
