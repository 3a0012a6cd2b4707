//! Tokens of another authority: JSON Web Tokens, checked against its set of public keys.

use std::{fmt, path::PathBuf, sync::Arc};

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
};
use serde_json::{Map, Value};

use crate::{reload::Reloaded, server};

/// Whose tokens are taken, and for whom they must be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtOptions {
    /// A JSON Web Key Set (RFC 7517) with the authority's public keys.
    pub keys: PathBuf,
    /// What `iss` must be.
    pub issuer: String,
    /// What `aud` must be, or hold.
    pub audience: String,
    /// The claim that names the user; usually `sub`.
    pub user_claim: String,
}

/// Checks tokens.
#[derive(Debug)]
pub(super) struct Jwt {
    options: JwtOptions,
    pub(super) keys: Arc<Reloaded<Keys>>,
}

/// The public keys.
pub(super) struct Keys(Vec<Key>);

struct Key {
    id: Option<String>,
    algorithms: &'static [Algorithm],
    key: DecodingKey,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keys").field(&self.0.len()).finish()
    }
}

impl Jwt {
    /// Reads the keys; from then on they are read anew whenever they change.
    pub(super) fn open(options: JwtOptions) -> server::Result<Jwt> {
        let paths = vec![options.keys.clone()];
        let keys = Reloaded::open("the key set", paths, |files| Keys::parse(&files.concat()))?;
        Ok(Jwt { options, keys: Arc::new(keys) })
    }

    /// The user whom a token names, if it is the authority's, meant for us and still valid.
    pub(super) fn user(&self, token: &str) -> Option<Arc<str>> {
        let header = decode_header(token).ok()?;
        let keys = self.keys.current();
        let fitting = keys.0.iter().filter(|key| {
            key.algorithms.contains(&header.alg) && (header.kid.is_none() || key.id == header.kid)
        });
        let validation = self.validation(header.alg);
        fitting.into_iter().find_map(|key| {
            let claims = decode::<Map<String, Value>>(token, &key.key, &validation).ok()?.claims;
            let user = claims.get(&self.options.user_claim)?.as_str()?;
            (!user.is_empty()).then(|| user.into())
        })
    }

    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&self.options.issuer]);
        validation.set_audience(&[&self.options.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.validate_nbf = true;
        validation
    }
}

impl Keys {
    /// Keys for other uses than signing are passed over, as RFC 7517 asks of kinds that are not known. A set without
    /// any key that can be used is a fault.
    fn parse(json: &[u8]) -> Result<Keys, String> {
        let set: Value = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let all = set["keys"].as_array().ok_or("there is no list `keys`")?;
        let read = |key: &Value| {
            serde_json::from_value::<Jwk>(key.clone()).ok().as_ref().and_then(Key::read)
        };
        let keys: Vec<Key> = all.iter().filter_map(read).collect();
        if keys.is_empty() {
            return Err(
                "no public key for RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 or EdDSA"
                    .to_owned(),
            );
        }
        Ok(Keys(keys))
    }
}

impl Key {
    /// `None` also for a symmetric key: who could check a token with it could make one.
    fn read(jwk: &Jwk) -> Option<Key> {
        let signs =
            jwk.common.public_key_use.as_ref().is_none_or(|it| *it == PublicKeyUse::Signature);
        let key = DecodingKey::from_jwk(jwk).ok().filter(|_| signs)?;
        Some(Key { id: jwk.common.key_id.clone(), algorithms: algorithms(&jwk.algorithm)?, key })
    }
}

/// What a key's kind can have signed: never what a token claims alone.
fn algorithms(parameters: &AlgorithmParameters) -> Option<&'static [Algorithm]> {
    use Algorithm as A;
    match parameters {
        AlgorithmParameters::RSA(_) => {
            Some(&[A::RS256, A::RS384, A::RS512, A::PS256, A::PS384, A::PS512])
        }
        AlgorithmParameters::EllipticCurve(curve) => match curve.curve {
            EllipticCurve::P256 => Some(&[A::ES256]),
            EllipticCurve::P384 => Some(&[A::ES384]),
            EllipticCurve::P521 | EllipticCurve::Ed25519 => None,
        },
        AlgorithmParameters::OctetKeyPair(_) => Some(&[A::EdDSA]),
        AlgorithmParameters::OctetKey(_) => None,
    }
}

#[cfg(test)]
mod tests;
