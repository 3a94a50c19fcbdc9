//! Values and requests that many tests use.

use domain::{
    Money, Timestamp,
    api::{accounts::RegisterRequest, campaigns::CreateCampaign, products::Product},
    validated::Password,
};
use std::net::{IpAddr, Ipv4Addr};

/// The network that tests sign in from.
pub const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The password of every user registered by [`registration`].
pub const PASSWORD: &str = "correct horse";

/// The instant at which the clock of a new world stands: noon of some day.
pub fn noon() -> Timestamp {
    "2026-01-31T12:00:00Z".parse().expect("a time")
}

/// An amount of money.
pub fn price(cents: i64) -> Money {
    Money::from_cents(cents).expect("in range")
}

/// A request to register `name@test.example` with [`PASSWORD`].
pub fn registration(name: &str) -> RegisterRequest {
    RegisterRequest {
        email: format!("{name}@test.example").parse().expect("an address"),
        password: Password::new_password(PASSWORD).expect("long enough"),
        username: name.parse().expect("a name"),
    }
}

/// A request for a campaign of one minute from noon, with defaults for everything else.
pub fn minute(product: &Product) -> CreateCampaign {
    CreateCampaign {
        product_id: product.product_id,
        start_time: noon(),
        end_time: noon().plus_millis(60_000),
        alpha: None,
        beta: None,
        gamma: None,
        quota: None,
    }
}
