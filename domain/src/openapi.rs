//! `OpenAPI` schemas of the types that read and write themselves; those of the others are derived.

use crate::{
    ErrorCode, Money, Timestamp, Weight, limits,
    score::{Coefficient, Score},
    validated::{ApiKeyDays, ApiKeyName, Description, Email, ImageUrl, ProductName, Quota, Reason, Stock, Username},
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat,
        schema::{AnyOfBuilder, SchemaType, Type},
    },
};

macro_rules! schemas {
    ($($type:ident: $object:expr;)*) => {$(
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                $object.into()
            }
        }

        impl ToSchema for $type {}
    )*};
}

schemas! {
    ErrorCode: ObjectBuilder::new().schema_type(Type::String)
        .enum_values(Some(ErrorCode::ALL.iter().map(|code| code.as_str())))
        .description(Some("A stable code; more may be added."));
    Money: number(0.01, 9_999_999_999.99).description(Some("An amount in currency units, with at most two decimals."));
    Weight: number(0.5, 5.0).description(Some("A bidder's weight in the score."));
    Coefficient: number(0.0, 100_000.0).description(Some("A coefficient of the score."));
    Score: ObjectBuilder::new().schema_type(Type::Number).format(Some(SchemaFormat::KnownFormat(KnownFormat::Double)))
        .description(Some("The score of a bid: `alpha * price + beta / (T + 1) + gamma * weight`."));
    Stock: count(0).description(Some("Units of a product."));
    Quota: count(1).description(Some("How many bids win at most."));
    Timestamp: ObjectBuilder::new().schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .description(Some("RFC 3339: UTC with `Z` in answers, any offset in requests."));
    Email: text(3, limits::EMAIL_CHARS_MAX).description(Some("An e-mail address."));
    ApiKeyName: text(1, limits::API_KEY_NAME_CHARS_MAX).description(Some("A line of text."));
    ApiKeyDays: ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(limits::API_KEY_DAYS_MAX))
        .description(Some("Days."));
    Username: text(1, limits::USERNAME_CHARS_MAX).description(Some("A line of text."));
    ProductName: text(1, limits::PRODUCT_NAME_CHARS_MAX).description(Some("A line of text."));
    Description: text(0, limits::DESCRIPTION_CHARS_MAX).description(Some("Lines of text; an empty one is none."));
    ImageUrl: text(0, limits::IMAGE_URL_CHARS_MAX)
        .description(Some("An http or https URL, or a path on the server; an empty text is none."));
    Reason: text(1, limits::REASON_CHARS_MAX).description(Some("A line of text."));
}

fn number(min: f64, max: f64) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Number).minimum(Some(min)).maximum(Some(max))
}

fn count(min: i32) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(min)).maximum(Some(limits::STOCK_MAX))
}

/// A text of `min` to `max` Unicode scalar values, as JSON Schema counts them, too.
fn text(min: usize, max: usize) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).min_length(Some(min)).max_length(Some(max))
}

/// Numbers of requests, which may send the text of a number as well. They exist in schemas only.
macro_rules! numbers_or_texts {
    ($($name:ident: $number:ident;)*) => {$(
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^\s*[-+]?\d+(\.\d+)?\s*$"));
                AnyOfBuilder::new().item($number::schema()).item(text).into()
            }
        }

        impl ToSchema for $name {}
    )*};
}

numbers_or_texts! {
    MoneyOrText: Money;
    WeightOrText: Weight;
    CoefficientOrText: Coefficient;
    StockOrText: Stock;
    QuotaOrText: Quota;
    ApiKeyDaysOrText: ApiKeyDays;
}

/// A value that the server reads if it is what it should be, and ignores otherwise. It exists in schemas only.
pub(crate) struct Anything;

impl PartialSchema for Anything {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(SchemaType::AnyValue).into()
    }
}

impl ToSchema for Anything {}
