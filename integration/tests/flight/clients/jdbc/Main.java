package jdbc;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** What Java programs do with Arrow's JDBC driver: runs the cases one after the other, or those that are named. */
final class Main {
    static final int SECONDS = 60;
    static final List<Class<?>> TOPICS = List.of(
            Connections.class, Metadata.class, Many.class, Queries.class, Parameters.class, Updates.class,
            Ends.class, Errors.class);

    public static void main(String[] named) {
        ExecutorService runner = Executors.newCachedThreadPool();
        for (Class<?> topic : TOPICS) {
            for (Method method : topic.getDeclaredMethods()) {
                String name = method.getName().replaceAll("([A-Z])", "_$1").toLowerCase();
                boolean wanted = named.length == 0 || Arrays.asList(named).contains(name);
                if (wanted && method.isAnnotationPresent(Case.class)) {
                    System.out.println("{\"case\": \"" + name + "\", \"error\": " + error(runner, method) + "}");
                }
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
            return quoted(Checks.trace(cause));
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
