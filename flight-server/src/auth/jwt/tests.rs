use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, Header, encode};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519};
use serde_json::json;

use super::*;

/// An authority's key: what it signs with, and what it publishes.
struct Authority {
    algorithm: Algorithm,
    private: EncodingKey,
    public: Value,
}

fn ed25519(id: &str) -> Authority {
    let pair = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let x = URL_SAFE_NO_PAD.encode(pair.public_key_raw());
    Authority {
        algorithm: Algorithm::EdDSA,
        private: EncodingKey::from_ed_der(&pair.serialize_der()),
        public: json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": id, "x": x }),
    }
}

fn p256(id: &str) -> Authority {
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    // A point as SEC 1 writes it: 4, x, y.
    let point = pair.public_key_raw();
    let [x, y] = [&point[1..33], &point[33..]].map(|it| URL_SAFE_NO_PAD.encode(it));
    Authority {
        algorithm: Algorithm::ES256,
        private: EncodingKey::from_ec_der(&pair.serialize_der()),
        public: json!({ "kty": "EC", "crv": "P-256", "kid": id, "x": x, "y": y }),
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Claims that are in order, but for what is `changed`: NULL takes one away.
fn claims(changed: Value) -> Value {
    let mut claims =
        json!({ "sub": "ada", "iss": "https://id.example", "aud": "intarsia", "exp": now() + 300 });
    let Value::Object(changed) = changed else { panic!("no claims: {changed}") };
    for (name, value) in changed {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(&name);
        } else {
            claims[name] = value;
        }
    }
    claims
}

fn token(authority: &Authority, id: Option<&str>, changed: Value) -> String {
    let header = Header { kid: id.map(str::to_owned), ..Header::new(authority.algorithm) };
    encode(&header, &claims(changed), &authority.private).unwrap()
}

/// What checks tokens of these keys.
fn jwt(keys: &[Value]) -> (Jwt, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    std::fs::write(&path, json!({ "keys": keys }).to_string()).unwrap();
    let options = JwtOptions {
        keys: path,
        issuer: "https://id.example".to_owned(),
        audience: "intarsia".to_owned(),
        user_claim: "sub".to_owned(),
    };
    (Jwt::open(options).unwrap(), folder)
}

#[test]
fn tokens_of_any_of_the_keys_name_their_user() {
    let (ed, ec) = (ed25519("one"), p256("two"));
    let (jwt, _folder) = jwt(&[ed.public.clone(), ec.public.clone()]);
    for authority in [&ed, &ec] {
        assert_eq!(jwt.user(&token(authority, None, json!({}))).as_deref(), Some("ada"));
    }
    assert_eq!(jwt.user(&token(&ec, Some("two"), json!({}))).as_deref(), Some("ada"));
    assert_eq!(jwt.user(&token(&ec, Some("one"), json!({}))), None, "the other key's id");
    let several = json!({ "aud": ["other", "intarsia"] });
    assert_eq!(jwt.user(&token(&ed, None, several)).as_deref(), Some("ada"));
}

#[test]
fn a_token_that_is_not_ours_now_names_nobody() {
    let ed = ed25519("one");
    let (jwt, _folder) = jwt(std::slice::from_ref(&ed.public));
    for changed in [
        json!({ "exp": now() - 300 }),
        json!({ "exp": null }),
        json!({ "nbf": now() + 300 }),
        json!({ "iss": "https://id.evil" }),
        json!({ "iss": null }),
        json!({ "aud": "other" }),
        json!({ "aud": null }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "sub": 7 }),
    ] {
        assert_eq!(jwt.user(&token(&ed, None, changed.clone())), None, "{changed}");
    }
}

#[test]
fn a_forged_token_names_nobody() {
    let (ed, other) = (ed25519("one"), ed25519("one"));
    let (jwt, _folder) = jwt(std::slice::from_ref(&ed.public));
    assert_eq!(jwt.user(&token(&other, None, json!({}))), None, "another key");
    let good = token(&ed, None, json!({}));
    let parts: Vec<&str> = good.split('.').collect();
    let evil = URL_SAFE_NO_PAD.encode(claims(json!({ "sub": "root" })).to_string());
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    for forged in [
        format!("{}.{evil}.{}", parts[0], parts[2]),
        format!("{none}.{evil}."),
        format!("{}.{}.", parts[0], parts[1]),
        good[..good.len() - 2].to_owned(),
        ".".repeat(3),
        String::new(),
    ] {
        assert_eq!(jwt.user(&forged), None, "{forged}");
    }
}

/// The old trick: a token signed with the public key as if it were a secret that is shared.
#[test]
fn a_public_key_is_no_shared_secret() {
    let ed = ed25519("one");
    let secret = URL_SAFE_NO_PAD.decode(ed.public["x"].as_str().unwrap()).unwrap();
    let (jwt, _folder) = jwt(std::slice::from_ref(&ed.public));
    let header = Header::new(Algorithm::HS256);
    let forged = encode(&header, &claims(json!({})), &EncodingKey::from_secret(&secret)).unwrap();
    assert_eq!(jwt.user(&forged), None);
}

#[test]
fn keys_of_other_kinds_are_passed_over_and_none_at_all_is_a_fault() {
    let ed = ed25519("one");
    let symmetric = json!({ "kty": "oct", "k": "c2VjcmV0", "alg": "HS256" });
    let strange = json!({ "kty": "lattice" });
    let keys = json!({ "keys": [symmetric.clone(), strange, ed.public] });
    assert_eq!(Keys::parse(keys.to_string().as_bytes()).unwrap().0.len(), 1);
    for none in [json!({ "keys": [symmetric] }), json!({ "keys": [] }), json!({}), json!([])] {
        assert!(Keys::parse(none.to_string().as_bytes()).is_err(), "{none}");
    }
}
