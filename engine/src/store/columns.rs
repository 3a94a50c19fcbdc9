//! Domain values read from PostgreSQL columns.
//!
//! Money is `NUMERIC(12,2)` in tables and whole cents in queries: statements read
//! `(price * 100)::bigint` and write `$n::numeric / 100`.

use domain::{Money, Score, Timestamp, UserId, Weight, score::Coefficient, validated::Quota};
use sqlx::{
    Decode, Postgres, Type,
    error::BoxDynError,
    postgres::{PgTypeInfo, PgValueRef},
};
use time::OffsetDateTime;
use uuid::Uuid;

/// A domain value read from a column. A statement asks for it in an alias, such as
/// `(price * 100)::bigint AS "price!: Column<Money>"`, and the macro converts it to the type of the row's field. If the
/// field is an `Option`, the alias is `"price!: Column<Option<Money>>"`: the macros would not convert an
/// `Option<Column<Money>>`.
#[derive(Clone, Copy, Debug)]
pub struct Column<T>(T);

/// A type whose values are stored in columns of another.
pub trait Stored: Sized {
    /// The column's type.
    type Column;

    /// What a stored value is; `None` if it is out of range, which the constraints of the tables exclude.
    fn from_column(value: Self::Column) -> Option<Self>;
}

impl<T> Column<T> {
    /// The value itself.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: Stored<Column: Type<Postgres>>> Type<Postgres> for Column<T> {
    fn type_info() -> PgTypeInfo {
        T::Column::type_info()
    }

    fn compatible(column: &PgTypeInfo) -> bool {
        T::Column::compatible(column)
    }
}

impl<'r, T: Stored<Column: Decode<'r, Postgres>>> Decode<'r, Postgres> for Column<T> {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let value = T::from_column(T::Column::decode(value)?);
        value.map(Self).ok_or_else(|| "a stored value is out of range".into())
    }
}

impl<T: Stored> Stored for Option<T> {
    type Column = Option<T::Column>;

    fn from_column(value: Option<T::Column>) -> Option<Self> {
        match value {
            Some(value) => T::from_column(value).map(Some),
            None => Some(None),
        }
    }
}

/// Says how types are stored: `Type, in ColumnType, from_column;`.
macro_rules! stored {
    ($($type:ty, in $column:ty, $from_column:expr;)*) => { $(
        impl $crate::store::columns::Stored for $type {
            type Column = $column;

            fn from_column(value: $column) -> Option<Self> {
                $from_column(value)
            }
        }

        impl From<$crate::store::columns::Column<$type>> for $type {
            fn from(column: $crate::store::columns::Column<$type>) -> Self {
                column.into_inner()
            }
        }

        impl From<$crate::store::columns::Column<Option<$type>>> for Option<$type> {
            fn from(column: $crate::store::columns::Column<Option<$type>>) -> Self {
                column.into_inner()
            }
        }
    )* };
}
pub(crate) use stored;

stored! {
    Money, in i64, Money::from_cents;
    Quota, in i32, Quota::new;
    Weight, in f64, Weight::new;
    Coefficient, in f64, Coefficient::new;
    Score, in f64, |value| Some(Score::from_stored(value));
    Timestamp, in OffsetDateTime, Timestamp::from_datetime;
    UserId, in Uuid, |id| Some(UserId(id));
    u64, in i64, |value: i64| u64::try_from(value).ok();
    u32, in i32, |value: i32| u32::try_from(value).ok();
}
