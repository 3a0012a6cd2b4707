package jdbc;

import static jdbc.Checks.equal;
import static jdbc.Checks.has;
import static jdbc.Checks.raised;
import static jdbc.Checks.text;
import static jdbc.Client.answer;
import static jdbc.Client.connect;
import static jdbc.Client.encoded;
import static jdbc.Client.rows;
import static jdbc.Client.secure;
import static jdbc.Client.tls;
import static jdbc.Client.url;
import static jdbc.Client.variable;
import static jdbc.Client.with;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;

/** How programs connect, and what a connection is. */
final class Connections {
    @Case
    static void connectsWithAPasswordOverTls() throws Exception {
        equal(rows("SELECT 1 + 1"), "2");
    }

    @Case
    static void connectsWithoutUsers() throws Exception {
        equal(answer(url("PLAIN", "useEncryption=false"), "SELECT 42"), "42");
    }

    @Case
    static void connectsWithAToken() throws Exception {
        String url = url("SECURE", tls() + "&token=" + encoded(variable("TOKEN")));
        equal(answer(url, "SELECT 1"), "1");
    }

    @Case
    static void connectsWithACertificate() throws Exception {
        String own = "&clientCertificate=" + encoded(variable("CLIENT_CERTIFICATE"))
                + "&clientKey=" + encoded(variable("CLIENT_KEY"));
        equal(answer(url("MUTUAL", tls() + own), "SELECT 1"), "1");
    }

    @Case
    static void whoHasNoCertificateIsNotLetIn() throws Exception {
        raised(() -> answer(url("MUTUAL", tls()), "SELECT 1"), "UNAVAILABLE");
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
        equal(answer(secure() + "&routing=" + "x".repeat(20_000), "SELECT 1"), "1");
    }
}
