//! What servers with TLS and users have beside their catalog, and what their clients have.

use std::{
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair,
};

use super::{binary, world};

/// Who may call a server with users.
pub(crate) const USER: &str = "ada";
/// With a colon, at which not every server splits it right, and of a length that base64 pads, which not every client does.
pub(crate) const PASSWORD: &str = "open:sesame, é";

/// Files.
pub(crate) struct Secrets {
    /// The servers' certificate, which is its own authority.
    pub(crate) certificate: PathBuf,
    /// Its key.
    pub(crate) key: PathBuf,
    /// The users.
    pub(crate) users: PathBuf,
    /// The authority of clients' certificates.
    pub(crate) authority: PathBuf,
    /// A client's certificate of that authority.
    pub(crate) client_certificate: PathBuf,
    /// Its key.
    pub(crate) client_key: PathBuf,
}

impl Secrets {
    /// Those of all servers.
    pub(crate) fn shared() -> &'static Secrets {
        static SHARED: LazyLock<Secrets> = LazyLock::new(Secrets::make);
        &SHARED
    }

    fn make() -> Secrets {
        let folder = world::catalog().parent().unwrap();
        let secrets = Secrets::in_folder(folder);
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        fs::write(&secrets.certificate, made.cert.pem()).unwrap();
        fs::write(&secrets.key, made.signing_key.serialize_pem()).unwrap();
        secrets.certify_a_client();
        add_user(&secrets.users);
        secrets
    }

    fn in_folder(folder: &Path) -> Secrets {
        Secrets {
            certificate: folder.join("cert.pem"),
            key: folder.join("key.pem"),
            users: folder.join("users"),
            authority: folder.join("authority.pem"),
            client_certificate: folder.join("client.pem"),
            client_key: folder.join("client.key"),
        }
    }

    fn certify_a_client(&self) {
        let mut authority = named("Clients of the tests");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority =
            CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let client = named(USER).signed_by(&key, &authority).unwrap();
        fs::write(&self.authority, authority.pem()).unwrap();
        fs::write(&self.client_certificate, client.pem()).unwrap();
        fs::write(&self.client_key, key.serialize_pem()).unwrap();
    }
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn add_user(users: &Path) {
    let mut add = Command::new(binary());
    add.args(["users", "add"]).arg(users).arg(USER);
    let mut add = add.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    writeln!(add.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    let mut said = String::new();
    add.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(add.wait().unwrap().success(), "{said}");
}
