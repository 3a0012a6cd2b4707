package jdbc;

import static jdbc.Checks.equal;
import static jdbc.Checks.raised;
import static jdbc.Checks.text;
import static jdbc.Client.with;
import static jdbc.Servers.ENDLESS_ROWS;
import static jdbc.Servers.FOR_EVER;
import static jdbc.Servers.atRestWithinASecond;
import static jdbc.Servers.atWork;

import java.sql.ResultSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Statements that end before they are through. */
final class Ends {
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

    /** It stays in the driver, which waits no longer for the first rows; when the result is closed, the server stops. */
    @Case
    static void aQueryTimeoutEndsTheWaitForTheFirstRows() throws Exception {
        with(statement -> {
            statement.setQueryTimeout(1);
            raised(() -> statement.executeQuery(FOR_EVER), "SQLTimeoutException");
            return null;
        });
        atRestWithinASecond();
    }

    /** What is to end in any case needs the server's statement_timeout. */
    @Case
    static void aQueryTimeoutLetsRowsThatComeGoOn() throws Exception {
        with(statement -> {
            statement.setQueryTimeout(2);
            ResultSet rows = statement.executeQuery("SELECT value FROM generate_series(1, 1000000000)");
            long since = System.nanoTime();
            while (System.nanoTime() - since < TimeUnit.SECONDS.toNanos(3)) {
                equal(rows.next(), true);
            }
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
}
