package jdbc;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What a case finds, against what it expects. */
final class Checks {
    interface Action {
        void run() throws Exception;
    }

    static void equal(Object found, Object expected) {
        if (!Objects.equals(found, expected)) {
            throw new AssertionError("found\n" + found + "\nexpected\n" + expected);
        }
    }

    static void has(String text, String word) {
        if (!text.contains(word)) {
            throw new AssertionError("no `" + word + "` in: " + text);
        }
    }

    /** The text of the SQLException that `action` ends with, which has `word` in it. */
    static String raised(Action action, String word) throws Exception {
        try {
            action.run();
        } catch (SQLException error) {
            String whole = trace(error);
            has(whole, word);
            return whole;
        }
        throw new AssertionError("no error");
    }

    static String trace(Throwable error) {
        StringWriter whole = new StringWriter();
        error.printStackTrace(new PrintWriter(whole));
        return whole.toString();
    }

    /** All rows, a line each. */
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
}
