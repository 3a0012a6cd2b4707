//! The hash of `hash(column) % N`, which any node can compute.

use md5::{Digest, Md5};

use crate::Value;

/// The first 8 hex digits, read as an unsigned number, of the MD5 of the value's canonical text: a whole
/// number's digits, the text itself, a lower-case uuid, an ISO date. Other values have no hash.
pub fn hash(value: &Value) -> Option<u32> {
    match value {
        Value::Integer(number) => Some(hash_text(&number.to_string())),
        Value::Text(text) => Some(hash_text(text)),
        Value::Date(days) => Some(hash_text(&Value::iso_date(*days))),
        Value::Boolean(_) | Value::Decimal(_) | Value::Float(_) | Value::Timestamp(_) => None,
    }
}

fn hash_text(text: &str) -> u32 {
    let [a, b, c, d, ..] = Md5::digest(text).0;
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As PostgreSQL computes them: `SELECT left(md5('…'), 8)`.
    #[test]
    fn hashes_are_those_of_the_databases() {
        let text = |text: &str| hash(&Value::Text(text.into()));
        assert_eq!(text(""), Some(0xd41d_8cd9));
        assert_eq!(text("abc"), Some(0x9001_5098));
        assert_eq!(hash(&Value::Integer(1)), Some(0xc4ca_4238));
        assert_eq!(hash(&Value::Integer(-1)), text("-1"));
        assert_eq!(hash(&Value::Integer(u64::MAX.into())), text("18446744073709551615"));
        assert_eq!(hash(&Value::Date(0)), text("1970-01-01"));
        assert_eq!(text("é"), Some(0x66dd_cd97));
        assert_eq!(hash(&Value::Boolean(true)), None);
    }
}
