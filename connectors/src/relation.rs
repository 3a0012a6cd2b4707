//! What a node says of itself and of its relations: everything that decides whether an expression means the
//! same there as here.

use std::fmt;

use intarsia_catalog::Place;

/// Which software answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flavor {
    /// PostgreSQL.
    Postgres,
    /// MySQL.
    MySql,
    /// MariaDB.
    MariaDb,
    /// SQLite.
    Sqlite,
}

/// The server behind a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its software.
    pub flavor: Flavor,
    /// Major, minor, patch.
    pub version: (u32, u32, u32),
}

impl Server {
    /// Whether the node computes MD5, so that a condition on `hash(…)` can be sent to it. MySQL 9.6 moved MD5 (and
    /// SHA-1) into a component that is not installed by default.
    pub fn has_md5(&self) -> bool {
        self.flavor != Flavor::MySql || self.version < (9, 6, 0)
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.flavor {
            Flavor::Postgres => "PostgreSQL",
            Flavor::MySql => "MySQL",
            Flavor::MariaDb => "MariaDB",
            Flavor::Sqlite => "SQLite",
        };
        let (major, minor, patch) = self.version;
        match self.flavor {
            // Two numbers since version 10.
            Flavor::Postgres => write!(f, "{name} {major}.{minor}"),
            Flavor::MySql | Flavor::MariaDb | Flavor::Sqlite => {
                write!(f, "{name} {major}.{minor}.{patch}")
            }
        }
    }
}

/// A table or view of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// Where it is, the schema filled in.
    pub place: Place,
    /// Its columns, in order.
    pub columns: Vec<LocalColumn>,
    /// The names of its primary key's columns, in key order; empty if there is none (always for a view).
    pub primary_key: Vec<String>,
}

/// A column of a local relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalColumn {
    /// Its name, exactly.
    pub name: String,
    /// Its type.
    pub ty: LocalType,
    /// The type as the node spells it, for messages.
    pub declared: String,
    /// Whether it may be NULL.
    pub nullable: bool,
}

/// A local type, in as much detail as pushing work down needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocalType {
    /// PostgreSQL boolean.
    Boolean,
    /// A whole number. MySQL `tinyint(1)` is `Integer { bits: 8, unsigned: false }` with `boolean: true`.
    Integer {
        /// 8, 16, 24, 32 or 64.
        bits: u8,
        /// Without a sign.
        unsigned: bool,
        /// Declared `tinyint(1)`: may stand for a boolean.
        boolean: bool,
    },
    /// IEEE, 32 bits.
    Real,
    /// IEEE, 64 bits.
    Double,
    /// An exact number; `None` for PostgreSQL's unconstrained `numeric`.
    Decimal(Option<(u16, i16)>),
    /// Text of a character set and collation.
    Text(TextRules),
    /// `char(n)`: text padded with spaces that do not count.
    Char(TextRules),
    /// PostgreSQL `citext`.
    CiText,
    /// An enumeration, with its labels in declared order.
    Enum(Vec<String>),
    /// MySQL `set`.
    Set,
    /// A UUID type.
    Uuid,
    /// JSON kept as text (PostgreSQL `json`, MariaDB `json`) or in a form of its own (`jsonb`, MySQL `json`).
    Json,
    /// Bytes; `fixed` is the length of MySQL `binary(n)`, which pads with zero bytes.
    Binary {
        /// The fixed length.
        fixed: Option<u32>,
    },
    /// MySQL or PostgreSQL `bit(n)`.
    Bit(u32),
    /// MySQL `year`: a whole number of 0 to 2155, but compared with a number below 100 it takes that for a year
    /// of this or the last century, so a condition holds only for what is no `year` any more (`y + 0`).
    Year,
    /// A day.
    Date,
    /// A time of day (MySQL: a duration), with so many fraction digits.
    Time(u8),
    /// A date and time in no zone, with so many fraction digits (PostgreSQL `timestamp`).
    Timestamp(u8),
    /// MySQL `datetime`: as [`LocalType::Timestamp`], but also taken for UTC under `timestamptz`.
    DateTime(u8),
    /// An instant (PostgreSQL `timestamptz`, MySQL `timestamp`), with so many fraction digits.
    TimestampTz(u8),
    /// SQLite: any storage class, with the affinity of the declared type. [`Charset::Collated`] if the column has a
    /// collation other than BINARY, or is one of a view or a virtual table: it may then have a collation unseen,
    /// and its values need not have been converted by the affinity (a whole number may be a REAL under INTEGER).
    Affinity(Affinity, Charset),
    /// A type that no global type takes.
    Other,
}

/// SQLite's column affinities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Affinity {
    /// INTEGER
    Integer,
    /// REAL
    Real,
    /// NUMERIC
    Numeric,
    /// TEXT
    Text,
    /// BLOB: a column declared so.
    Blob,
    /// None: a column without a declared type. Compares as BLOB does; its values are taken for text.
    None,
}

/// How a node compares the texts of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextRules {
    /// Its character set, as far as it matters.
    pub charset: Charset,
    /// The collation's name, for messages and to spell it.
    pub collation: String,
    /// Two texts are equal exactly when their bytes are (no case folding, no padding).
    pub exact_equality: bool,
    /// Texts sort as their UTF-8 bytes do.
    pub byte_order: bool,
}

/// A character set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Charset {
    /// All of Unicode.
    Utf8,
    /// MySQL `utf8mb3`: Unicode without the supplementary planes.
    Utf8Mb3,
    /// Another: a literal outside of it cannot be compared.
    Other,
    /// SQLite `COLLATE NOCASE` or `RTRIM` on the column, or another collation there.
    Collated,
    /// A column of an SQLite file in UTF-16, of whatever collation: BINARY orders by the bytes of that.
    Utf16,
}
