//! Random conditions, rows, splits and layouts for the laws.

use std::{collections::BTreeMap, sync::Arc};

use proptest::prelude::*;

use crate::{
    Column, Compare, Horizontal, HorizontalPart, Keys, Layout, Place, Predicate, Stored,
    StoredTable, Table, TableName, Type, Value, Vertical, VerticalPart,
};

/// The primary key of the generated table.
pub(crate) const KEY: usize = 0;

/// A row, NULLs as `None`.
pub(crate) type Row = Vec<Option<Value>>;

/// Choices: everything is made from them, so that fewer and smaller ones make a simpler case.
#[derive(Debug, Clone)]
pub(crate) struct Dice {
    rolls: Vec<u32>,
    next: usize,
}

/// Dice for one case.
pub(crate) fn dice() -> impl Strategy<Value = Dice> {
    prop::collection::vec(any::<u32>(), 0..400).prop_map(|rolls| Dice { rolls, next: 0 })
}

/// A table with a column of every kind of type that conditions know.
pub(crate) fn columns() -> Vec<Column> {
    let column = |name: &str, ty, nullable| Column { name: name.into(), ty, nullable };
    vec![
        column("id", Type::BigInt, false),
        column("small", Type::SmallIntUnsigned, true),
        column("region", Type::Text, true),
        column("price", Type::Decimal { precision: 3, scale: 1 }, true),
        column("rate", Type::Double, true),
        column("since", Type::Date, true),
        column("ok", Type::Boolean, true),
        column("weight", Type::Real, false),
        column("ref", Type::Uuid, true),
    ]
}

/// A table of these columns.
pub(crate) fn table(layout: Layout) -> Table {
    let name = TableName { schema: "public".into(), name: "t".into() };
    Table { name, comment: None, columns: columns(), primary_key: vec![KEY], layout }
}

impl Dice {
    /// A number below `sides`; 0 once the choices are used up.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        let roll =
            self.rolls.get(self.next).map_or(0, |roll| usize::try_from(*roll).unwrap() % sides);
        self.next += 1;
        roll
    }

    fn pick<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.roll(list.len())].clone()
    }

    /// A value of few, so that conditions and rows meet.
    fn value(&mut self, column: usize) -> Value {
        match columns()[column].ty {
            Type::BigInt => Value::Integer(self.pick(&[
                0,
                1,
                2,
                3,
                -1,
                -2,
                -3,
                7,
                i64::MAX.into(),
                i64::MIN.into(),
            ])),
            Type::SmallIntUnsigned => Value::Integer(self.pick(&[0, 1, 2, 5, 65_534, 65_535])),
            Type::Text => {
                Value::Text(self.pick(&["a", "", "a\0", "a\0\0", "ab", "b", "é", "EU"]).into())
            }
            Type::Decimal { .. } => Value::Decimal(self.pick(&[0, 1, -1, 10, 999, -999])),
            Type::Double => Value::Float(self.pick(&[
                0.0,
                -0.0,
                0.1,
                -0.5,
                f64::MAX,
                f64::INFINITY,
                f64::NEG_INFINITY,
                f64::NAN,
            ])),
            Type::Real => Value::Float(self.pick(&[
                0.0,
                -0.0,
                0.5,
                f64::from(0.1_f32),
                f64::INFINITY,
                f64::NAN,
            ])),
            Type::Date => Value::Date(self.pick(&[0, 1, -1, 19_782, i32::MAX, i32::MIN])),
            Type::Boolean => Value::Boolean(self.roll(2) == 1),
            _ => Value::Text(
                self.pick(&[
                    "00000000-0000-0000-0000-000000000000",
                    "7fffffff-ffff-ffff-ffff-ffffffffffff",
                    "80000000-0000-0000-0000-000000000000",
                    "ffffffff-ffff-ffff-ffff-ffffffffffff",
                ])
                .into(),
            ),
        }
    }

    /// A value as a query may write it, which need not be one of the column's type.
    fn literal(&mut self, column: usize) -> Value {
        match (columns()[column].ty, self.roll(4)) {
            (Type::SmallIntUnsigned, 0) => Value::Integer(self.pick(&[-1, 70_000])),
            (Type::Real, 0) => Value::Float(self.pick(&[0.1, 1e300, -1e300])),
            (Type::Decimal { .. }, 0) => Value::Decimal(self.pick(&[1000, -5000])),
            (Type::Uuid, 0) => Value::Text(
                self.pick(&[
                    "",
                    "A",
                    "8",
                    "80000000-",
                    "g",
                    "80000000-0000-0000-0000-0000000000000",
                ])
                .into(),
            ),
            _ => self.value(column),
        }
    }

    /// A row, some of its values NULL where they may be.
    pub(crate) fn row(&mut self) -> Row {
        let cell = |(at, column): (usize, &Column)| {
            let null = column.nullable && self.roll(4) == 0;
            (!null).then(|| self.value(at))
        };
        columns().iter().enumerate().map(cell).collect()
    }

    /// Rows of different keys.
    pub(crate) fn rows(&mut self) -> Vec<Row> {
        let rows: Vec<Row> = (0..12).map(|_| self.row()).collect();
        let keyed = rows.into_iter().map(|row| (format!("{:?}", row[KEY]), row));
        keyed.collect::<BTreeMap<_, _>>().into_values().collect()
    }

    /// A condition over some of the columns.
    pub(crate) fn predicate(&mut self, allowed: &[usize], depth: usize) -> Predicate {
        let list = |dice: &mut Dice| {
            let length = dice.roll(4);
            (0..length).map(|_| dice.predicate(allowed, depth - 1)).collect()
        };
        match self.roll(if depth == 0 { 3 } else { 6 }) {
            0..=2 => self.term(allowed),
            3 => Predicate::And(list(self)),
            4 => Predicate::Or(list(self)),
            _ => Predicate::Not(Box::new(self.predicate(allowed, depth - 1))),
        }
    }

    fn term(&mut self, allowed: &[usize]) -> Predicate {
        let column = self.pick(allowed);
        match (self.roll(8), columns()[column].ty) {
            (0, _) => Predicate::IsNull(column),
            (1, _) => {
                let length = self.roll(4);
                let values = (0..length).map(|_| self.literal(column)).collect();
                Predicate::In { column, values, null: self.roll(4) == 3 }
            }
            (2, Type::Boolean) => Predicate::Column(column),
            (2 | 3, Type::BigInt | Type::SmallIntUnsigned) => {
                let residues = vec![self.pick(&[0, 1, -1, 2]), self.pick(&[0, 2, -2, 1])];
                Predicate::Modulo { column, modulus: self.pick(&[3, 2, 4, 5, 1]), residues }
            }
            (2 | 4, Type::BigInt | Type::Text | Type::Date | Type::Uuid) => {
                let residues = vec![self.pick(&[0, 1]), self.pick(&[0, 2])];
                Predicate::Hash { column, modulus: self.pick(&[3, 2, 4]), residues }
            }
            (2, _) => Predicate::Constant(self.pick(&[None, Some(true), Some(false)])),
            _ => Predicate::Compare(column, self.op(), self.literal(column)),
        }
    }

    fn op(&mut self) -> Compare {
        self.pick(&[
            Compare::Equal,
            Compare::NotEqual,
            Compare::Less,
            Compare::LessOrEqual,
            Compare::Greater,
            Compare::GreaterOrEqual,
        ])
    }

    /// Conditions that give every row one home: of one column or of two.
    pub(crate) fn split(&mut self, allowed: &[usize]) -> Vec<Predicate> {
        let left = self.plain_split(allowed);
        if self.roll(3) > 0 {
            return left;
        }
        let right = self.plain_split(allowed);
        let both =
            |one: &Predicate, two: &Predicate| Predicate::And(vec![one.clone(), two.clone()]);
        left.iter().flat_map(|one| right.iter().map(move |two| both(one, two))).collect()
    }

    fn plain_split(&mut self, allowed: &[usize]) -> Vec<Predicate> {
        let column = self.pick(allowed);
        let parts = match (self.roll(4), columns()[column].ty) {
            (0, Type::BigInt | Type::SmallIntUnsigned) => {
                residues(column, self.pick(&[3, 1, 2, 6]))
            }
            (0 | 1, Type::BigInt | Type::Text | Type::Date | Type::Uuid) => {
                hashes(column, self.pick(&[2, 1, 3]))
            }
            (2, _) => {
                let values = vec![self.value(column), self.value(column)];
                let one = Predicate::In { column, values, null: false };
                vec![one.clone(), Predicate::Not(Box::new(one))]
            }
            _ => self.ranges(column),
        };
        self.with_null(column, parts)
    }

    fn ranges(&mut self, column: usize) -> Vec<Predicate> {
        let mut cuts: Vec<Value> = (0..=self.roll(3)).map(|_| self.value(column)).collect();
        cuts.sort_by(|a, b| a.compare(b).unwrap());
        let below = |cut: &Value| Predicate::Compare(column, Compare::Less, cut.clone());
        let above = |cut: &Value| Predicate::Compare(column, Compare::GreaterOrEqual, cut.clone());
        let between =
            cuts.windows(2).map(|pair| Predicate::And(vec![above(&pair[0]), below(&pair[1])]));
        let first = below(&cuts[0]);
        let last = above(cuts.last().unwrap());
        [first].into_iter().chain(between).chain([last]).collect()
    }

    /// NULL in a part of its own, or with others.
    fn with_null(&mut self, column: usize, mut parts: Vec<Predicate>) -> Vec<Predicate> {
        match self.roll(2) {
            0 => parts.push(Predicate::IsNull(column)),
            _ => {
                let last = parts.pop().unwrap();
                parts.push(Predicate::Or(vec![Predicate::IsNull(column), last]));
            }
        }
        parts
    }

    /// A layout of these columns beside the key.
    pub(crate) fn layout(&mut self, own: &[usize], depth: usize) -> Layout {
        match self.roll(if depth == 0 { 1 } else { 3 }) {
            0 => stored(),
            1 => {
                let allowed: Vec<usize> = [KEY].iter().chain(own).copied().collect();
                let parts = self.split(&allowed).into_iter().enumerate().map(|(at, domain)| {
                    HorizontalPart {
                        name: at.to_string(),
                        domain,
                        follows: None,
                        layout: self.layout(own, depth - 1),
                    }
                });
                let parts = parts.collect();
                Layout::Horizontal(Arc::new(Horizontal::new(&columns(), None, parts)))
            }
            _ => self.vertical(own, depth),
        }
    }

    fn vertical(&mut self, own: &[usize], depth: usize) -> Layout {
        let mut groups = vec![Vec::new(); 1 + self.roll(3)];
        for column in own {
            let group = self.roll(groups.len());
            groups[group].push(*column);
        }
        let parts = groups.into_iter().enumerate().map(|(at, columns)| {
            let optional = at > 0 && columns.iter().all(|column| self::columns()[*column].nullable);
            VerticalPart {
                name: at.to_string(),
                keys: if optional && self.roll(2) == 1 { Keys::Optional } else { Keys::Complete },
                layout: self.layout(&columns, depth - 1),
                columns,
            }
        });
        Layout::Vertical(Arc::new(Vertical { parts: parts.collect() }))
    }
}

fn residues(column: usize, modulus: u32) -> Vec<Predicate> {
    let part = |residue: u32| {
        let residues = vec![i64::from(residue), -i64::from(residue)];
        Predicate::Modulo { column, modulus, residues }
    };
    (0..modulus).map(part).collect()
}

fn hashes(column: usize, modulus: u32) -> Vec<Predicate> {
    let part = |residue| Predicate::Hash { column, modulus, residues: vec![residue] };
    (0..modulus).map(part).collect()
}

fn stored() -> Layout {
    let place = Place { node: "n".into(), schema: None, relation: "t".into() };
    let replica =
        StoredTable { place, columns: BTreeMap::new(), rows: None, encodings: BTreeMap::new() };
    Layout::Stored(Arc::new(Stored { columns: Vec::new(), replicas: vec![replica] }))
}
