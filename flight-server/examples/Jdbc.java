import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/**
 * Asks an Intarsia server from Java, by the JDBC driver of Arrow Flight SQL.
 *
 * <pre>
 * java --add-opens=java.base/java.nio=ALL-UNNAMED -cp flight-sql-jdbc-driver-18.3.0.jar Jdbc.java \
 *     jdbc:arrow-flight-sql://db.example:32010 ada
 * </pre>
 *
 * The password is in INTARSIA_PASSWORD. Of the URL's parameters, {@code ?useEncryption=false} is for a server without
 * TLS, {@code ?tlsRootCerts=FILE} names an authority to trust (PEM).
 */
public class Jdbc {
    private static final String RICHEST =
            "SELECT name, balance FROM customers WHERE region = ? ORDER BY balance DESC NULLS LAST, id LIMIT 1";

    public static void main(String[] arguments) throws SQLException {
        var login = new Properties();
        if (arguments.length > 1) {
            login.setProperty("user", arguments[1]);
            login.setProperty("password", System.getenv("INTARSIA_PASSWORD"));
        }
        try (var connection = DriverManager.getConnection(arguments[0], login);
                var statement = connection.prepareStatement(RICHEST)) {
            for (var region : new String[] {"EU", "US"}) {
                statement.setString(1, region);
                try (var rows = statement.executeQuery()) {
                    while (rows.next()) {
                        System.out.println(region + ": " + rows.getString("name") + " " + rows.getBigDecimal("balance"));
                    }
                }
            }
        }
    }
}
