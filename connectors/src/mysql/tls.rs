//! Encryption: what a URL asks for, in the terms of the driver.

use std::{net::IpAddr, path::PathBuf};

use mysql_async::{ClientIdentity, Error as Driver, IoError, SslOpts, TlsError};
use rustls::CertificateError;

/// How the connection is encrypted, by the names of MySQL's own clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SslMode {
    Disabled,
    Preferred,
    Required,
    VerifyCa,
    VerifyIdentity,
}

pub(super) fn unverified(tls: SslOpts) -> SslOpts {
    tls.with_danger_accept_invalid_certs(true)
}

/// A name that the certificate is valid for, from the error that it is not valid for another.
pub(super) fn name_in_certificate(error: &Driver) -> Option<String> {
    let source = match error {
        Driver::Io(IoError::Io(error)) => error.get_ref()?.downcast_ref()?,
        Driver::Io(IoError::Tls(TlsError::Tls(error))) => error,
        _ => return None,
    };
    let rustls::Error::InvalidCertificate(invalid) = source else { return None };
    let CertificateError::NotValidForNameContext { presented, .. } = invalid else { return None };
    presented.iter().find_map(|name| plain_name(name))
}

/// The name in `DnsName("*.db.example")` or `IpAddress(10.0.0.1)`, which is how rustls shows it.
fn plain_name(shown: &str) -> Option<String> {
    let address = || shown.strip_prefix("IpAddress(")?.strip_suffix(')');
    let name = shown.split('"').nth(1).or_else(address)?;
    Some(name.replacen('*', "any", 1))
}

/// Verified off loopback unless the URL says otherwise; on loopback where it names a CA.
pub(super) fn mode(written: Option<&str>, ca: bool, host: &str) -> Result<SslMode, String> {
    let Some(written) = written else {
        return Ok(match (loopback(host), ca) {
            (true, false) => SslMode::Preferred,
            (true, true) => SslMode::VerifyCa,
            (false, _) => SslMode::VerifyIdentity,
        });
    };
    match written.to_ascii_uppercase().as_str() {
        "DISABLED" => Ok(SslMode::Disabled),
        "PREFERRED" => Ok(SslMode::Preferred),
        "REQUIRED" => Ok(SslMode::Required),
        "VERIFY_CA" => Ok(SslMode::VerifyCa),
        "VERIFY_IDENTITY" => Ok(SslMode::VerifyIdentity),
        _ => Err(format!(
            "ssl-mode `{written}` is none of DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY"
        )),
    }
}

fn loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The certificates that the URL names; a CA of its own stands in place of the public ones.
pub(super) fn tls<'a>(parameter: impl Fn(&str) -> Option<&'a str>) -> SslOpts {
    let file = |name| parameter(name).map(PathBuf::from);
    let mut tls = SslOpts::default();
    if let Some(ca) = file("ssl-ca") {
        tls = tls.with_root_certs(vec![ca.into()]).with_disable_built_in_roots(true);
    }
    if let (Some(certificate), Some(key)) = (file("ssl-cert"), file("ssl-key")) {
        tls = tls.with_client_identity(Some(ClientIdentity::new(certificate.into(), key.into())));
    }
    tls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verification_is_on_off_loopback() {
        for host in ["127.0.0.1", "localhost", "::1", "[::1]"] {
            assert_eq!(mode(None, false, host), Ok(SslMode::Preferred), "{host}");
        }
        assert_eq!(mode(None, false, "db.example"), Ok(SslMode::VerifyIdentity));
        assert_eq!(mode(None, true, "127.0.0.1"), Ok(SslMode::VerifyCa));
        assert_eq!(mode(Some("required"), false, "db.example"), Ok(SslMode::Required));
        assert!(mode(Some("sometimes"), false, "db.example").is_err());
    }

    #[test]
    fn names_are_read_as_rustls_shows_them() {
        let name = |shown| plain_name(shown).unwrap_or_default();
        assert_eq!(name("DnsName(\"db.example\")"), "db.example");
        assert_eq!(name("DnsName(\"*.db.example\")"), "any.db.example");
        assert_eq!(name("IpAddress(10.0.0.1)"), "10.0.0.1");
    }
}
