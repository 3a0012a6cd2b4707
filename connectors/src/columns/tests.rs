//! Every promised type against its edges.

use arrow_array::{
    Array,
    cast::AsArray,
    types::{Date32Type, Decimal128Type, Int16Type, TimestampMicrosecondType},
};
use intarsia_catalog::Type;

use super::{BYTES, Builder, Columns, DAY, Decimal, Misfit, ROWS};
use crate::{Column, ErrorKind, Query};

fn builder(ty: Type) -> Builder {
    Builder::new(ty, true)
}

fn query(columns: &[(&str, Type, bool)]) -> Query {
    let column = |(name, ty, nullable): &(&str, Type, bool)| Column {
        name: (*name).to_owned(),
        ty: *ty,
        nullable: *nullable,
        local: format!("local_{name}"),
        encoding: None,
    };
    let columns = columns.iter().map(column).collect();
    Query { sql: String::new(), columns, relation: "public.t".to_owned() }
}

fn told(result: Result<(), Misfit>) -> String {
    result.map_or_else(|misfit| misfit.to_string(), |()| "fits".to_owned())
}

#[test]
fn whole_numbers_are_checked_against_their_width() {
    let edges = [
        (Type::SmallInt, -32768, 32767),
        (Type::SmallIntUnsigned, 0, 65535),
        (Type::Integer, -2_147_483_648, 2_147_483_647),
        (Type::IntegerUnsigned, 0, 4_294_967_295),
        (Type::BigInt, i128::from(i64::MIN), i128::from(i64::MAX)),
        (Type::BigIntUnsigned, 0, i128::from(u64::MAX)),
        (Type::Decimal { precision: 4, scale: 1 }, -999, 999),
        (Type::Boolean, 0, 1),
    ];
    for (ty, low, high) in edges {
        let mut column = builder(ty);
        assert_eq!(told(column.whole(low)), "fits");
        assert_eq!(told(column.whole(high)), "fits");
        assert_eq!(told(column.whole(low - 1)), format!("value `{}` does not fit {ty}", low - 1));
        assert_eq!(told(column.whole(high + 1)), format!("value `{}` does not fit {ty}", high + 1));
        assert_eq!(column.finish().len(), 2);
    }
}

#[test]
fn decimals_keep_every_digit_or_are_refused() {
    let mut column = builder(Type::Decimal { precision: 5, scale: 2 });
    for (digits, scale) in [(12345, 2), (123, 0), (1230, 3), (-99999, 2)] {
        assert_eq!(told(column.decimal(Decimal { digits, scale })), "fits");
    }
    for (digits, scale) in [(1235, 3), (1000, 0), (100_000, 2)] {
        assert_ne!(told(column.decimal(Decimal { digits, scale })), "fits");
    }
    let array = column.finish();
    assert_eq!(array.as_primitive::<Decimal128Type>().values(), &[12345, 12300, 123, -99999]);

    let mut whole = builder(Type::SmallInt);
    assert_eq!(told(whole.decimal(Decimal { digits: 700, scale: 2 })), "fits");
    let fraction = whole.decimal(Decimal { digits: 750, scale: 2 });
    assert_eq!(told(fraction), "value `7.50` does not fit smallint");
    assert_eq!(whole.finish().as_primitive::<Int16Type>().values(), &[7]);
}

#[test]
fn floats_narrow_only_when_exact() {
    let mut real = builder(Type::Real);
    assert_eq!(told(real.double(0.5)), "fits");
    assert_eq!(told(real.double(f64::NAN)), "fits");
    assert_eq!(told(real.double(0.1)), "value `0.1` does not fit real");
    assert_eq!(told(builder(Type::Double).real(0.1)), "fits");
    assert_ne!(told(builder(Type::Decimal { precision: 9, scale: 2 }).double(0.5)), "fits");
}

#[test]
fn dates_and_times_stay_within_what_we_can_show() {
    let mut date = builder(Type::Date);
    assert_eq!(told(date.date(-719_162)), "fits");
    assert_eq!(told(date.date(-719_163)), "value `0001-12-31 BC` does not fit date");
    assert_eq!(date.finish().as_primitive::<Date32Type>().values(), &[-719_162]);
    let mut time = builder(Type::Time);
    assert_eq!(told(time.time(DAY - 1)), "fits");
    assert_eq!(told(time.time(DAY)), "value `24:00:00` does not fit time");
    assert_ne!(told(time.time(-1)), "fits");
    let mut instant = builder(Type::TimestampTz);
    assert_eq!(told(instant.timestamp(-1)), "fits");
    assert_ne!(told(instant.timestamp(i64::MAX)), "fits");
    assert_ne!(told(instant.timestamp(i64::MIN)), "fits");
    assert_eq!(instant.finish().as_primitive::<TimestampMicrosecondType>().values(), &[-1]);
}

#[test]
fn texts_must_be_unicode_and_uuids_uuids() {
    assert_eq!(
        told(builder(Type::Text).text(b"\xff")),
        "value `0xff` does not fit text: it is not UTF-8"
    );
    let mut uuid = builder(Type::Uuid);
    assert_eq!(told(uuid.text(b"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11")), "fits");
    assert_eq!(told(uuid.text(b"a0ee")), "value `a0ee` does not fit uuid");
    assert_eq!(uuid.finish().as_string::<i32>().value(0), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
    let long = told(builder(Type::Date).text("é".repeat(1000).as_bytes()));
    assert_eq!(long, format!("value `{}…` does not fit date", "é".repeat(200)));
}

#[test]
fn an_error_names_node_relation_column_and_value() {
    let mut columns = Columns::new(&query(&[("a", Type::Integer, false)]), "eu");
    let misfit = columns.builders()[0].null().unwrap_err();
    let error = columns.misfit(0, &misfit);
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert_eq!(
        error.to_string(),
        "node `eu`: relation `public.t`, column `local_a`: value NULL, but the catalog says not null"
    );
}

#[test]
fn batches_end_at_a_number_of_rows_or_bytes_and_have_the_promised_schema() {
    let all = [
        Type::Boolean,
        Type::SmallInt,
        Type::BigIntUnsigned,
        Type::Real,
        Type::Decimal { precision: 38, scale: 10 },
        Type::Json,
        Type::Uuid,
        Type::Binary,
        Type::Date,
        Type::Time,
        Type::Timestamp,
        Type::TimestampTz,
    ];
    let query = query(&all.map(|ty| ("c", ty, true)));
    let mut columns = Columns::new(&query, "eu");
    for row in 1..=ROWS {
        columns.builders().iter_mut().for_each(|column| column.null().unwrap());
        assert_eq!(columns.end_row(1), row == ROWS);
    }
    let batch = columns.take().unwrap().unwrap();
    assert_eq!((batch.num_rows(), batch.schema()), (ROWS, query.schema()));
    assert!(columns.take().unwrap().is_none());
    assert!(columns.end_row(BYTES));
}

#[test]
fn an_answer_without_columns_still_has_rows() {
    let mut columns = Columns::new(&query(&[]), "eu");
    columns.end_row(0);
    columns.end_row(0);
    assert_eq!(columns.take().unwrap().unwrap().num_rows(), 2);
}
