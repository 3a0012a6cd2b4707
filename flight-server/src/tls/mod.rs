//! TLS whose certificates can change under a running server; with a client's authority it is mutual.

use std::{path::PathBuf, sync::Arc};

use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};

use crate::{reload::Reloaded, server};

/// The only protocol that is spoken: gRPC clients in C++ insist that it is negotiated.
const HTTP2: &[u8] = b"h2";

/// Files in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's certificate, and those between it and its authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// Authorities of clients: who has no certificate of theirs is not let in.
    pub client_authority: Option<PathBuf>,
}

impl TlsFiles {
    /// Reads the files; from then on they are read anew whenever they change.
    pub(crate) fn open(&self) -> server::Result<Reloaded<ServerConfig>> {
        let mut paths = vec![self.certificate.clone(), self.key.clone()];
        paths.extend(self.client_authority.clone());
        Reloaded::open("TLS", paths, |files| match files {
            [certificate, key] => config(certificate, key, None),
            [certificate, key, authority] => config(certificate, key, Some(authority)),
            _ => Err("two or three files make a configuration".to_owned()),
        })
    }
}

fn config(
    certificate: &[u8],
    key: &[u8],
    authority: Option<&Vec<u8>>,
) -> Result<ServerConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let chain = certificates(certificate, "the certificate")?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|e| format!("the private key: {e}"))?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?;
    let builder = match authority {
        None => builder.with_no_client_auth(),
        Some(authority) => builder.with_client_cert_verifier(clients_of(authority, provider)?),
    };
    let mut config = builder.with_single_cert(chain, key).map_err(|e| e.to_string())?;
    config.alpn_protocols = vec![HTTP2.to_vec()];
    Ok(config)
}

fn clients_of(
    authority: &[u8],
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let mut roots = RootCertStore::empty();
    for root in certificates(authority, "the clients' authority")? {
        roots.add(root).map_err(|e| format!("the clients' authority: {e}"))?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
    verifier.map_err(|e| format!("the clients' authority: {e}"))
}

fn certificates(pem: &[u8], what: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if found.is_empty() => Err(format!("{what}: no certificate in PEM is there")),
        Ok(found) => Ok(found),
        Err(error) => Err(format!("{what}: {error}")),
    }
}

#[cfg(test)]
mod tests;
