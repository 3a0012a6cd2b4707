use rcgen::{CertifiedKey, generate_simple_self_signed};

use super::*;
use crate::reload::Reload;

fn self_signed() -> (String, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    (cert.pem(), signing_key.serialize_pem())
}

fn files(folder: &tempfile::TempDir, (certificate, key): &(String, String)) -> TlsFiles {
    let at = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    TlsFiles { certificate: at("c", certificate), key: at("k", key), client_authority: None }
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pair = (self_signed().0, self_signed().1);
    let error = files(&folder, &pair).open().unwrap_err().to_string();
    assert!(error.contains("TLS of"), "{error}");
}

#[test]
fn a_file_without_a_certificate_is_told_apart_from_one_without_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = self_signed();
    let swapped = files(&folder, &(key.clone(), certificate.clone())).open().unwrap_err();
    assert!(swapped.to_string().contains("no certificate in PEM"), "{swapped}");
    let no_key = files(&folder, &(certificate.clone(), certificate)).open().unwrap_err();
    assert!(no_key.to_string().contains("the private key"), "{no_key}");
    assert!(!no_key.to_string().contains("BEGIN"), "{no_key}");
}

#[test]
fn new_files_are_taken_together_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let tls = files(&folder, &self_signed()).open().unwrap();
    let before = tls.current();
    let (certificate, key) = self_signed();
    std::fs::write(folder.path().join("c"), certificate).unwrap();
    tls.reload();
    assert!(Arc::ptr_eq(&before, &tls.current()), "a certificate without its key");
    std::fs::write(folder.path().join("k"), key).unwrap();
    tls.reload();
    assert!(!Arc::ptr_eq(&before, &tls.current()));
}
