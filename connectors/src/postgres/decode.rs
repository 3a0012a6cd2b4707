//! From the bytes of a binary COPY to columns.

use intarsia_catalog::Node;
use tokio_postgres::types::{Kind, Type as PgType};

use crate::{
    Charset, Error, ErrorKind, LocalType, Query, Result, TextRules,
    columns::{Builder, Columns, Instant, Misfit},
    fits,
};

use super::numeric;

/// What a COPY begins with; flags and an extension's length follow.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// PostgreSQL counts from 2000-01-01: days and microseconds since 1970.
const EPOCH_DAYS: i32 = 10_957;
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// How a column comes over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    Bool,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Numeric,
    Text,
    /// Padded text.
    Char,
    Bytea,
    Uuid,
    /// JSON behind a version byte.
    Jsonb,
    Bit,
    Date,
    Time,
    Timestamp,
}

/// The wire form of a result column, and what stands for its type in the table of what fits; `None` if nothing
/// here takes it.
fn wire(ty: &PgType) -> Option<(Wire, LocalType)> {
    let integer = |bits| LocalType::Integer { bits, unsigned: false, boolean: false };
    Some(match *ty {
        PgType::BOOL => (Wire::Bool, LocalType::Boolean),
        PgType::INT2 => (Wire::Int2, integer(16)),
        PgType::INT4 => (Wire::Int4, integer(32)),
        PgType::INT8 => (Wire::Int8, integer(64)),
        PgType::FLOAT4 => (Wire::Float4, LocalType::Real),
        PgType::FLOAT8 => (Wire::Float8, LocalType::Double),
        PgType::NUMERIC => (Wire::Numeric, LocalType::Decimal(None)),
        PgType::TEXT | PgType::VARCHAR | PgType::NAME => (Wire::Text, LocalType::Text(rules())),
        PgType::BPCHAR => (Wire::Char, LocalType::Char(rules())),
        PgType::BYTEA => (Wire::Bytea, LocalType::Binary { fixed: None }),
        PgType::UUID => (Wire::Uuid, LocalType::Uuid),
        PgType::JSON => (Wire::Text, LocalType::Json),
        PgType::JSONB => (Wire::Jsonb, LocalType::Json),
        PgType::BIT => (Wire::Bit, LocalType::Bit(1)),
        PgType::DATE => (Wire::Date, LocalType::Date),
        PgType::TIME => (Wire::Time, LocalType::Time(6)),
        PgType::TIMESTAMP => (Wire::Timestamp, LocalType::Timestamp(6)),
        PgType::TIMESTAMPTZ => (Wire::Timestamp, LocalType::TimestampTz(6)),
        _ => return by_kind(ty),
    })
}

fn by_kind(ty: &PgType) -> Option<(Wire, LocalType)> {
    match ty.kind() {
        Kind::Enum(labels) => Some((Wire::Text, LocalType::Enum(labels.clone()))),
        Kind::Domain(base) => wire(base),
        Kind::Simple if ty.name() == "citext" => Some((Wire::Text, LocalType::CiText)),
        _ => None,
    }
}

/// How a text compares does not matter to its bytes.
fn rules() -> TextRules {
    TextRules {
        charset: Charset::Utf8,
        collation: String::new(),
        exact_equality: true,
        byte_order: true,
    }
}

/// Turns the data of one COPY into rows.
#[derive(Debug)]
pub(super) struct Decoder {
    node: String,
    wires: Vec<Wire>,
    pub(super) columns: Columns,
    begun: bool,
    ended: bool,
}

impl Decoder {
    /// For the answer to `query`, whose columns the server says are `types`.
    ///
    /// # Errors
    /// [`ErrorKind::Mismatch`] where they are not what the query promises.
    pub(super) fn new(node: &Node, query: &Query, types: &[PgType]) -> Result<Decoder> {
        let mismatch = |message| Error::new(ErrorKind::Mismatch, &node.name, message);
        if types.len() != query.columns.len() {
            let (relation, promised) = (&query.relation, query.columns.len());
            let message = format!("relation `{relation}`: {} columns, not {promised}", types.len());
            return Err(mismatch(message));
        }
        let mut wires = Vec::with_capacity(types.len());
        for (ty, column) in types.iter().zip(&query.columns) {
            let found = match wire(ty) {
                Some((wire, local)) => fits(&local, column.ty, None).map(|()| wire),
                None => {
                    Err(format!("the catalog says {}, which it does not convert to", column.ty))
                }
            };
            wires.push(found.map_err(|why| {
                let (relation, local) = (&query.relation, &column.local);
                mismatch(format!("relation `{relation}`, column `{local}` is {}: {why}", ty.name()))
            })?);
        }
        let columns = Columns::new(query, &node.name);
        Ok(Decoder { node: node.name.clone(), wires, columns, begun: false, ended: false })
    }

    /// Whether the end mark of the data has come.
    pub(super) fn is_ended(&self) -> bool {
        self.ended
    }

    /// Takes one message in: a row, before the first one also the header, or the end mark. True when a batch
    /// should be taken.
    #[inline]
    pub(super) fn message(&mut self, message: &[u8]) -> Result<bool> {
        let mut rest = message;
        if !self.begun {
            rest = header(rest).ok_or_else(|| self.malformed("another header"))?;
            self.begun = true;
        }
        let mut full = false;
        while !rest.is_empty() {
            full |= self.row(&mut rest)?;
        }
        Ok(full)
    }

    fn row(&mut self, rest: &mut &[u8]) -> Result<bool> {
        let before = rest.len();
        let fields = take::<2>(rest).map(i16::from_be_bytes);
        if fields == Some(-1) && rest.is_empty() && !self.ended {
            self.ended = true;
            return Ok(false);
        }
        if self.ended || fields.and_then(|n| usize::try_from(n).ok()) != Some(self.wires.len()) {
            return Err(self.malformed("a row of another width"));
        }
        for (at, (wire, builder)) in self.wires.iter().zip(self.columns.builders()).enumerate() {
            let Some(field) = field(rest) else {
                return Err(self.malformed("a row cut short"));
            };
            let appended = match field {
                Some(bytes) => append(*wire, builder, bytes),
                None => builder.null(),
            };
            if let Err(misfit) = appended {
                return Err(self.columns.misfit(at, &misfit));
            }
        }
        Ok(self.columns.end_row(before - rest.len()))
    }

    #[cold]
    fn malformed(&self, what: &str) -> Error {
        let message = format!("its binary COPY has {what} than PostgreSQL's format");
        Error::new(ErrorKind::Unavailable, &self.node, message)
    }
}

fn header(message: &[u8]) -> Option<&[u8]> {
    let mut rest = message.strip_prefix(SIGNATURE)?;
    let flags = u32::from_be_bytes(take::<4>(&mut rest)?);
    let extension = usize::try_from(u32::from_be_bytes(take::<4>(&mut rest)?)).ok()?;
    (flags == 0).then(|| rest.get(extension..)).flatten()
}

#[inline]
fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*taken)
}

/// A field's bytes, `Some(None)` for NULL; `None` if the row is cut short.
#[inline]
fn field<'a>(rest: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let length = i32::from_be_bytes(take::<4>(rest)?);
    if length == -1 {
        return Some(None);
    }
    let (bytes, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = after;
    Some(Some(bytes))
}

#[inline]
fn append(wire: Wire, builder: &mut Builder, bytes: &[u8]) -> Result<(), Misfit> {
    match wire {
        Wire::Bool => {
            let [byte] = fixed::<1>(builder, bytes)?;
            builder.boolean(byte != 0)
        }
        Wire::Int2 => {
            let value = i16::from_be_bytes(fixed(builder, bytes)?);
            builder.whole(value.into())
        }
        Wire::Int4 => {
            let value = i32::from_be_bytes(fixed(builder, bytes)?);
            builder.whole(value.into())
        }
        Wire::Int8 => {
            let value = i64::from_be_bytes(fixed(builder, bytes)?);
            builder.whole(value.into())
        }
        Wire::Float4 => {
            let value = f32::from_be_bytes(fixed(builder, bytes)?);
            builder.real(value)
        }
        Wire::Float8 => {
            let value = f64::from_be_bytes(fixed(builder, bytes)?);
            builder.double(value)
        }
        Wire::Numeric => numeric::append(builder, bytes),
        Wire::Text => builder.text(bytes),
        Wire::Char => builder.text(unpadded(bytes)),
        Wire::Bytea => builder.bytes(bytes),
        Wire::Uuid => {
            let value = fixed(builder, bytes)?;
            builder.uuid(value)
        }
        Wire::Jsonb => match bytes {
            [1, text @ ..] => builder.text(text),
            _ => Err(builder.misfit("jsonb of an unknown version")),
        },
        Wire::Bit => bit(builder, bytes),
        Wire::Date => date(builder, bytes),
        Wire::Time => {
            let value = i64::from_be_bytes(fixed(builder, bytes)?);
            builder.time(value)
        }
        Wire::Timestamp => timestamp(builder, bytes),
    }
}

#[inline]
fn fixed<const N: usize>(builder: &Builder, bytes: &[u8]) -> Result<[u8; N], Misfit> {
    let wrong = |_| builder.misfit(format_args!("{} bytes in place of {N}", bytes.len()));
    bytes.try_into().map_err(wrong)
}

fn unpadded(bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
    &bytes[..length]
}

/// A bit string: its length in bits, then the bits from the highest.
fn bit(builder: &mut Builder, bytes: &[u8]) -> Result<(), Misfit> {
    match bytes {
        [0, 0, 0, 1, bits] => builder.whole(i128::from(bits >> 7)),
        _ => Err(builder.misfit("bits of another length than 1")),
    }
}

#[inline]
fn date(builder: &mut Builder, bytes: &[u8]) -> Result<(), Misfit> {
    match i32::from_be_bytes(fixed(builder, bytes)?) {
        i32::MAX => Err(builder.misfit("infinity")),
        i32::MIN => Err(builder.misfit("-infinity")),
        days => builder.date(i64::from(days) + i64::from(EPOCH_DAYS)),
    }
}

#[inline]
fn timestamp(builder: &mut Builder, bytes: &[u8]) -> Result<(), Misfit> {
    match i64::from_be_bytes(fixed(builder, bytes)?) {
        i64::MAX => Err(builder.misfit("infinity")),
        i64::MIN => Err(builder.misfit("-infinity")),
        micros => match micros.checked_add(EPOCH_MICROS) {
            Some(since_1970) => builder.timestamp(since_1970),
            None => Err(builder.misfit(Instant(i128::from(micros) + i128::from(EPOCH_MICROS)))),
        },
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{cast::AsArray, types::Int32Type};
    use intarsia_catalog::{Address, Backend, Type};

    use super::*;
    use crate::Column;

    fn decoder() -> Decoder {
        let node = Node {
            name: "n".to_owned(),
            backend: Backend::Postgres,
            address: Address::File("".into()),
            password: None,
            zone: None,
            connections: 1,
        };
        let column = Column {
            name: "a".to_owned(),
            ty: Type::Integer,
            nullable: true,
            local: "a".to_owned(),
            encoding: None,
        };
        let query =
            Query { sql: String::new(), columns: vec![column], relation: "public.t".to_owned() };
        Decoder::new(&node, &query, &[PgType::INT4]).unwrap()
    }

    const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

    #[test]
    fn rows_come_between_a_header_and_an_end_mark() {
        let mut decoder = decoder();
        let first = [HEADER, b"\0\x01\0\0\0\x04\0\0\0\x07"].concat();
        assert!(!decoder.message(&first).unwrap());
        decoder.message(b"\0\x01\xff\xff\xff\xff").unwrap();
        assert!(!decoder.is_ended());
        decoder.message(b"\xff\xff").unwrap();
        assert!(decoder.is_ended());
        let batch = decoder.columns.take().unwrap().unwrap();
        let column = batch.column(0).as_primitive::<Int32Type>();
        assert_eq!(column.iter().collect::<Vec<_>>(), [Some(7), None]);
    }

    #[test]
    fn malformed_data_is_an_error() {
        let row = b"\0\x01\0\0\0\x04\0\0\0\x07";
        let bad: [&[u8]; 5] = [
            b"PGCOPY",
            &[HEADER, &row[..7]].concat(),
            &[HEADER, b"\0\x02"].concat(),
            &[HEADER, b"\xff\xff".as_slice(), row].concat(),
            &[HEADER, b"\0\x01\x7f\xff\xff\xff\0".as_slice()].concat(),
        ];
        for message in bad {
            assert!(decoder().message(message).is_err(), "{message:?}");
        }
    }

    #[test]
    fn only_padding_is_taken_off() {
        assert_eq!(unpadded(b" a \t  "), b" a \t");
        assert_eq!(unpadded(b"   "), b"");
    }
}
