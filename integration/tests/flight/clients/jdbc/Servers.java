package jdbc;

import java.nio.file.Files;
import java.nio.file.Path;

/** How hard the servers work, and what makes them. */
final class Servers {
    static final String FOR_EVER =
            "SELECT count(*) FROM generate_series(1, 10000000) a, generate_series(1, 10000000) b"
                    + " WHERE a.value * 3 = b.value * 7 + 1";
    static final String ENDLESS_ROWS =
            "SELECT a.value + b.value AS n FROM generate_series(1, 10000000) a,"
                    + " generate_series(1, 10000000) b";

    /** What the servers have worked so far. */
    static double processorSeconds() throws Exception {
        long ticks = 0;
        for (String pid : Client.variable("PIDS").split(" ")) {
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

    /** Whoever was told to stop has stopped. */
    static void atRestWithinASecond() throws Exception {
        Thread.sleep(1000);
        double before = processorSeconds();
        Thread.sleep(500);
        double used = processorSeconds() - before;
        if (used >= 0.03) {
            throw new AssertionError("a second later the servers still work: " + used + " of 0.5 s");
        }
    }
}
