package jdbc;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** Connections to the servers that the environment names. */
final class Client {
    interface Work<T> {
        T on(Statement statement) throws Exception;
    }

    /** A connection with TLS and a password. */
    static Connection connect() throws SQLException {
        return DriverManager.getConnection(secure());
    }

    static <T> T with(Work<T> work) throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            return work.on(statement);
        }
    }

    static String rows(String sql) throws Exception {
        return with(statement -> Checks.text(statement.executeQuery(sql)));
    }

    /** The only value that a query on such a connection gives. */
    static String answer(String url, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            return Checks.text(statement.executeQuery(sql));
        }
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
}
