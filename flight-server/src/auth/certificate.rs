//! The name in a client's certificate.

/// The object identifier 2.5.4.3, the common name, as DER spells it.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];

/// Tags of DER.
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_IDENTIFIER: u8 = 0x06;
const VERSION: u8 = 0xa0;
/// UTF8String and PrintableString, in which names are written.
const TEXTS: [u8; 2] = [0x0c, 0x13];

/// The common name of the subject of a certificate in DER; `None` if it has none. The certificate has been verified:
/// this only finds a field in it.
pub(crate) fn common_name(certificate: &[u8]) -> Option<String> {
    let (certificate, _) = element(certificate, SEQUENCE)?;
    let (mut rest, _) = element(certificate, SEQUENCE)?;
    if let Some((_, after)) = element(rest, VERSION) {
        rest = after;
    }
    // Serial number, signature algorithm, issuer and validity stand before the subject.
    for _ in 0..4 {
        (_, _, rest) = any(rest)?;
    }
    let (mut names, _) = element(rest, SEQUENCE)?;
    while let Some((name, after)) = element(names, SET) {
        if let Some(found) = text_of(name) {
            return Some(found);
        }
        names = after;
    }
    None
}

/// The text of an attribute if it is a common name.
fn text_of(name: &[u8]) -> Option<String> {
    let (attribute, _) = element(name, SEQUENCE)?;
    let (kind, value) = element(attribute, OBJECT_IDENTIFIER)?;
    let (tag, text, _) = any(value)?;
    let text = str::from_utf8(text).ok()?;
    (kind == COMMON_NAME && TEXTS.contains(&tag) && !text.is_empty()).then(|| text.to_owned())
}

/// The content of the element in front if it has this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    any(der).filter(|(found, ..)| *found == tag).map(|(_, content, rest)| (content, rest))
}

/// Tag and content of the element in front, and what follows it.
fn any(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match usize::from(*first) {
        short if short < 0x80 => (short, rest),
        long => {
            let (bytes, rest) =
                rest.split_at_checked(long - 0x80).filter(|(it, _)| it.len() <= 4)?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

    use super::*;

    fn certificate(names: &[(DnType, &str)]) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.distinguished_name = DistinguishedName::new();
        for (kind, name) in names {
            params.distinguished_name.push(kind.clone(), *name);
        }
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn the_common_name_is_found_among_others() {
        let der =
            certificate(&[(DnType::OrganizationName, "Intarsia"), (DnType::CommonName, "Ada Ł")]);
        assert_eq!(common_name(&der).as_deref(), Some("Ada Ł"));
    }

    #[test]
    fn a_certificate_without_one_names_nobody() {
        assert_eq!(common_name(&certificate(&[(DnType::OrganizationName, "Intarsia")])), None);
    }

    #[test]
    fn a_cut_certificate_names_nobody_and_does_no_harm() {
        let der = certificate(&[(DnType::CommonName, "ada")]);
        for end in 0..der.len() {
            assert_eq!(common_name(&der[..end]), None);
        }
    }
}
