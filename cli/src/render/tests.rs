use std::{io::Cursor, sync::Arc};

use arrow::{
    array::{
        ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array,
        Int32Array, Int64Array, ListArray, NullArray, RecordBatch, StringArray,
        Time64MicrosecondArray, TimestampMicrosecondArray, UInt64Array,
    },
    datatypes::{Int32Type, Schema},
    ipc::reader::StreamReader,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::*;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
        .unwrap()
}

fn texts(texts: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(texts.to_vec()))
}

fn bytes(format: Format, schema: &Arc<Schema>, batches: &[RecordBatch]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut render = format.start(schema, &mut out)?;
    batches.iter().try_for_each(|batch| render.batch(batch))?;
    render.finish()?;
    drop(render);
    Ok(out)
}

fn rendered(format: Format, batch: &RecordBatch) -> String {
    let out = bytes(format, &batch.schema(), std::slice::from_ref(batch)).unwrap();
    String::from_utf8(out).unwrap()
}

/// One column of each kind, with a value and a NULL.
fn kinds() -> RecordBatch {
    let decimal = Decimal128Array::from(vec![Some(-1250), None]);
    let micros = 1_600_000_000_123_456;
    let instant = TimestampMicrosecondArray::from(vec![Some(micros), None]);
    batch(vec![
        ("bool", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("int", Arc::new(Int32Array::from(vec![Some(-7), None]))),
        ("float", Arc::new(Float64Array::from(vec![Some(0.1), None]))),
        ("dec", Arc::new(decimal.with_precision_and_scale(12, 2).unwrap())),
        ("bin", Arc::new(BinaryArray::from_opt_vec(vec![Some(&[0, 0xab]), None]))),
        ("date", Arc::new(Date32Array::from(vec![Some(-1), None]))),
        ("time", Arc::new(Time64MicrosecondArray::from(vec![Some(3_600_000_001), None]))),
        ("ts", Arc::new(TimestampMicrosecondArray::from(vec![Some(micros), None]))),
        ("tz", Arc::new(instant.with_timezone("+00:00"))),
        ("none", Arc::new(NullArray::new(2))),
    ])
}

#[test]
fn csv_tells_null_from_an_empty_text_and_quotes_by_the_rfc() {
    let names =
        texts(&[None, Some(""), Some("a,b"), Some("say \"hi\""), Some("two\nlines"), Some(" x ")]);
    let one = batch(vec![("n,ame", names)]);
    assert_eq!(
        rendered(Format::Csv, &one),
        "\"n,ame\"\n\n\"\"\n\"a,b\"\n\"say \"\"hi\"\"\"\n\"two\nlines\"\n x \n"
    );
}

#[test]
fn csv_of_every_kind() {
    assert_eq!(
        rendered(Format::Csv, &kinds()),
        "bool,int,float,dec,bin,date,time,ts,tz,none\n\
         true,-7,0.1,-12.50,00ab,1969-12-31,01:00:00.000001,2020-09-13T12:26:40.123456,\
         2020-09-13T12:26:40.123456Z,\n\
         ,,,,,,,,,\n"
    );
}

#[test]
fn json_of_every_kind() {
    assert_eq!(
        rendered(Format::Ndjson, &kinds()),
        r#"{"bool":true,"int":-7,"float":0.1,"dec":"-12.50","bin":"00ab","date":"1969-12-31","time":"01:00:00.000001","ts":"2020-09-13T12:26:40.123456","tz":"2020-09-13T12:26:40.123456Z","none":null}
{"bool":null,"int":null,"float":null,"dec":null,"bin":null,"date":null,"time":null,"ts":null,"tz":null,"none":null}
"#
    );
}

#[test]
fn json_numbers_are_exact_or_strings() {
    let exact = 1_i64 << 53;
    let numbers = batch(vec![
        ("i", Arc::new(Int64Array::from(vec![exact, exact + 1, -exact, i64::MIN])) as ArrayRef),
        ("u", Arc::new(UInt64Array::from(vec![0, 1 << 53, (1 << 53) + 1, u64::MAX]))),
        ("f", Arc::new(Float64Array::from(vec![1.0, f64::NAN, f64::NEG_INFINITY, 1e300]))),
    ]);
    assert_eq!(
        rendered(Format::Ndjson, &numbers),
        r#"{"i":9007199254740992,"u":0,"f":1.0}
{"i":"9007199254740993","u":9007199254740992,"f":"NaN"}
{"i":-9007199254740992,"u":"9007199254740993","f":"-inf"}
{"i":"-9223372036854775808","u":"18446744073709551615","f":1e300}
"#
    );
}

#[test]
fn json_is_one_array_and_an_empty_one_without_rows() {
    let names = batch(vec![("a", texts(&[Some("x\"\u{1}"), None]))]);
    assert_eq!(rendered(Format::Json, &names), "[\n{\"a\":\"x\\\"\\u0001\"},\n{\"a\":null}\n]\n");
    assert_eq!(rendered(Format::Json, &names.slice(0, 0)), "[\n]\n");
}

#[test]
fn nested_values_keep_their_rules_inside_json() {
    let lists = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None])]);
    let lists = arrow::compute::cast(&lists, &"List(Int64)".parse().unwrap()).unwrap();
    assert_eq!(rendered(Format::Ndjson, &batch(vec![("l", lists)])), "{\"l\":[1,null]}\n");
}

#[test]
fn a_date_past_the_calendar_is_an_error_in_every_text_format() {
    let days = batch(vec![("d", Arc::new(Date32Array::from(vec![i32::MAX])) as ArrayRef)]);
    for format in [Format::Table, Format::Csv, Format::Json, Format::Ndjson] {
        let told = bytes(format, &days.schema(), std::slice::from_ref(&days));
        assert!(told.is_err(), "{format:?}: {told:?}");
    }
}

#[test]
fn tables_align_by_display_width_and_tell_null_from_the_text() {
    let rows = batch(vec![
        ("id", Arc::new(Int32Array::from(vec![Some(1), Some(20), Some(300), None])) as ArrayRef),
        ("name", texts(&[Some("東京"), Some("NULL"), None, Some("tab\there")])),
        ("x", texts(&[Some("a"), Some("\"b\""), Some(""), Some("\u{1b}[31mred")])),
    ]);
    assert_eq!(
        rendered(Format::Table, &rows),
        r#"   id | name        | x
------+-------------+-----------------
    1 | 東京        | a
   20 | "NULL"      | "\"b\""
  300 | NULL        |
 NULL | "tab\there" | "\u{1b}[31mred"
(4 rows)
"#
    );
}

#[test]
fn a_table_streams_once_its_widths_are_known_and_cuts_nothing() {
    let early =
        batch(vec![("n", texts(&vec![Some("ab"); 1500])), ("m", texts(&vec![Some("c"); 1500]))]);
    let late = batch(vec![("n", texts(&[Some("a longer one")])), ("m", texts(&[Some("d")]))]);
    let mut out = Vec::new();
    let mut render = Format::Table.start(&early.schema(), &mut out).unwrap();
    render.batch(&early).unwrap();
    render.batch(&late).unwrap();
    drop(render);
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.lines().count(), 2 + 1501, "rows are out before the end is known");
    assert!(text.ends_with(" ab | c\n a longer one | d\n"), "{}", &text[text.len() - 60..]);
}

#[test]
fn one_long_text_does_not_spread_the_table() {
    let long = "x".repeat(5000);
    let rows =
        batch(vec![("a", texts(&[Some(&long), Some("y")])), ("b", texts(&[Some("1"), Some("2")]))]);
    let text = rendered(Format::Table, &rows);
    assert!(text.contains(&long));
    assert!(text.lines().nth(3).unwrap().len() < 120);
}

#[test]
fn an_empty_table_still_has_its_header() {
    let none = batch(vec![("a", texts(&[]))]);
    assert_eq!(rendered(Format::Table, &none), " a\n---\n(0 rows)\n");
}

#[test]
fn arrow_and_parquet_can_be_read_back() {
    let kinds = kinds().project(&[0, 1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
    let twice = [kinds.clone(), kinds.clone()];
    let both = arrow::compute::concat_batches(&kinds.schema(), &twice).unwrap();
    let stream = bytes(Format::Arrow, &kinds.schema(), &twice).unwrap();
    let read: Vec<_> = StreamReader::try_new(Cursor::new(stream), None)
        .unwrap()
        .map(|batch| batch.unwrap())
        .collect();
    assert_eq!(read, twice);
    let file = bytes(Format::Parquet, &kinds.schema(), &twice).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(file)).unwrap();
    let read: Vec<_> = reader.build().unwrap().map(|batch| batch.unwrap()).collect();
    assert_eq!(arrow::compute::concat_batches(&both.schema(), &read).unwrap(), both);
}
