//! The form that creates or edits a campaign.

use super::{
    FieldParser,
    edit_conflict::{self, fingerprint},
    time_zone::Zone,
};
use domain::{
    ApiError, CampaignStatus, Coefficients, ErrorCode, Timestamp,
    api::campaigns::{Campaign, CreateCampaign, UpdateCampaign},
    campaign_edits::check_active_edit,
    campaign_schedule::check_schedule,
};
use serde::{Deserialize, Serialize};

/// The campaign form as typed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CampaignInput {
    /// The product for sale.
    pub product_id: String,
    /// When it starts, in `zone`.
    pub start_time: String,
    /// When it ends, in `zone`.
    pub end_time: String,
    /// The zone of both times: a name of the IANA database, or an offset from UTC.
    pub zone: String,
    /// K; empty for all the stock available.
    pub quota: String,
    /// Points per currency unit of price; empty for the default.
    pub alpha: String,
    /// Points for speed; empty for the default.
    pub beta: String,
    /// Points per unit of member weight; empty for the default.
    pub gamma: String,
    /// The fingerprint of the record the form was made from; empty for a new campaign.
    pub fingerprint: String,
    /// The search among the products to choose from, kept with the form.
    pub find: String,
}

impl CampaignInput {
    /// The form of an existing campaign, with times in `zone`.
    pub(crate) fn of(campaign: &Campaign, zone: &Zone) -> Self {
        let times = [campaign.start_time, campaign.end_time];
        // An input cannot tell apart two equal times of the day clocks are set back; UTC has none.
        let is_unclear = times.iter().any(|at| zone.is_repeated(&zone.input(*at)));
        let zone = if is_unclear { Zone::UTC } else { zone.clone() };
        Self {
            product_id: campaign.product_id.to_string(),
            start_time: zone.input(campaign.start_time),
            end_time: zone.input(campaign.end_time),
            zone: zone.id(),
            quota: campaign.quota.get().to_string(),
            alpha: campaign.alpha.get().to_string(),
            beta: campaign.beta.get().to_string(),
            gamma: campaign.gamma.get().to_string(),
            fingerprint: fingerprint_of(campaign),
            find: String::new(),
        }
    }

    /// The chosen time zone; UTC if it is missing or invalid.
    pub(crate) fn chosen_zone(&self) -> Zone {
        Zone::parse(&self.zone).unwrap_or_default()
    }

    /// The typed coefficients; a default for each that is empty or invalid.
    pub(crate) fn coefficients(&self) -> Coefficients {
        let defaults = Coefficients::default();
        Coefficients {
            alpha: self.alpha.parse().unwrap_or(defaults.alpha),
            beta: self.beta.parse().unwrap_or(defaults.beta),
            gamma: self.gamma.parse().unwrap_or(defaults.gamma),
        }
    }

    /// The request for a new campaign, whose schedule must be valid at `now`.
    pub(crate) fn create(&self, now: Timestamp) -> Result<CreateCampaign, ApiError> {
        let request = self.parse()?;
        check_schedule(request.start_time, request.end_time, now)
            .map_err(|message| ApiError::field("end_time", message))?;
        Ok(request)
    }

    /// The request that changes what differs from `old`; once the campaign runs, only its end.
    pub(crate) fn update(&self, old: &Campaign, now: Timestamp) -> Result<UpdateCampaign, ApiError> {
        edit_conflict::check(&self.fingerprint, &fingerprint_of(old))?;
        match old.status {
            CampaignStatus::Pending => self.edit(old, now),
            CampaignStatus::Active => self.extend(old),
            CampaignStatus::Ended | CampaignStatus::Cancelled => {
                Err(ApiError::new(ErrorCode::Conflict, "The campaign is over."))
            }
        }
    }

    fn edit(&self, old: &Campaign, now: Timestamp) -> Result<UpdateCampaign, ApiError> {
        let new = self.create(now)?;
        let defaults = Coefficients::default();
        let coefficient = |new: Option<_>, default, old| Some(new.unwrap_or(default)).filter(|new| *new != old);
        // Inputs have whole seconds; a time the admin left alone keeps its microseconds.
        let touched = |new: Timestamp, old| Some(new).filter(|new| new.millis_since(old).abs() >= 1000);
        Ok(UpdateCampaign {
            product_id: (new.product_id != old.product_id).then_some(new.product_id),
            start_time: touched(new.start_time, old.start_time),
            end_time: touched(new.end_time, old.end_time),
            alpha: coefficient(new.alpha, defaults.alpha, old.alpha),
            beta: coefficient(new.beta, defaults.beta, old.beta),
            gamma: coefficient(new.gamma, defaults.gamma, old.gamma),
            quota: new.quota.filter(|quota| *quota != old.quota),
        })
    }

    fn extend(&self, old: &Campaign) -> Result<UpdateCampaign, ApiError> {
        let mut fields = FieldParser::default();
        let zone = fields.check("zone", Zone::parse(&self.zone)).unwrap_or_default();
        let end = fields.check("end_time", zone.instant(&self.end_time));
        let (Some(end), true) = (end, fields.is_empty()) else { return Err(fields.into_error()) };
        let change = UpdateCampaign { end_time: Some(end), ..UpdateCampaign::default() };
        check_active_edit(&change, old.start_time, old.end_time)
            .map_err(|rejection| ApiError::field("end_time", rejection.to_string()))?;
        Ok(change)
    }

    fn parse(&self) -> Result<CreateCampaign, ApiError> {
        let mut fields = FieldParser::default();
        let product_id = fields.parse("product_id", &self.product_id);
        let zone = fields.check("zone", Zone::parse(&self.zone)).unwrap_or_default();
        let start_time = fields.check("start_time", zone.instant(&self.start_time));
        let end_time = fields.check("end_time", zone.instant(&self.end_time));
        let quota = fields.parse_optional("quota", &self.quota);
        let alpha = fields.parse("alpha", &self.alpha);
        let beta = fields.parse("beta", &self.beta);
        let gamma = fields.parse("gamma", &self.gamma);
        match (product_id, start_time, end_time) {
            (Some(product_id), Some(start_time), Some(end_time)) if fields.is_empty() => {
                Ok(CreateCampaign { product_id, start_time, end_time, alpha, beta, gamma, quota })
            }
            _ => Err(fields.into_error()),
        }
    }
}

/// Covers what an admin edits of a campaign, and its status, which decides what may be edited. The product's stock is
/// left out: it changes without an admin.
fn fingerprint_of(campaign: &Campaign) -> String {
    fingerprint(&(
        campaign.status,
        campaign.product_id,
        (campaign.start_time, campaign.end_time),
        (campaign.alpha, campaign.beta, campaign.gamma),
        campaign.quota,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        Money, ProductId,
        api::products::{Product, ProductStatus},
        validated::Quota,
    };

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn campaign(status: CampaignStatus) -> Campaign {
        let product_id = ProductId("0190f0c0-0000-7000-8000-000000000001".parse().expect("an id"));
        let Coefficients { alpha, beta, gamma } = Coefficients::default();
        Campaign {
            campaign_id: "0190f0c0-0000-7000-8000-000000000002".parse().expect("an id"),
            product_id,
            start_time: at("2026-01-31T12:00:00.5Z"),
            end_time: at("2026-01-31T13:00:00Z"),
            alpha,
            beta,
            gamma,
            quota: Quota::new(3).expect("in range"),
            status,
            cancel_reason: None,
            settled_at: None,
            created_at: Timestamp::EPOCH,
            version: 1,
            product: Product {
                product_id,
                name: "Keyboard".to_owned(),
                description: None,
                image_url: None,
                stock: 5,
                min_price: Money::from_cents(80_000).expect("in range"),
                status: ProductStatus::Active,
                created_at: Timestamp::EPOCH,
            },
        }
    }

    #[test]
    fn an_untouched_form_changes_nothing() {
        let old = campaign(CampaignStatus::Pending);
        for zone in ["UTC", "Europe/Berlin", "-03:30"] {
            let input = CampaignInput::of(&old, &Zone::parse(zone).expect("a zone"));
            let change = input.update(&old, at("2026-01-31T11:00:00Z")).expect("valid");
            assert!(change.product_id.is_none() && change.quota.is_none() && change.alpha.is_none());
            assert!(change.start_time.is_none() && change.end_time.is_none(), "not even by half a second");
        }
    }

    #[test]
    fn an_untouched_form_keeps_the_second_of_two_equal_times() {
        let berlin = Zone::parse("Europe/Berlin").expect("a zone");
        // Both ends of the hour that clocks show twice.
        for end in ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"] {
            let old = Campaign { end_time: at(end), ..campaign(CampaignStatus::Pending) };
            let change = CampaignInput::of(&old, &berlin).update(&old, at("2026-01-31T11:00:00Z")).expect("valid");
            assert_eq!((change.start_time, change.end_time), (None, None), "{end}");
        }
    }

    #[test]
    fn times_count_in_the_chosen_zone() {
        let old = campaign(CampaignStatus::Pending);
        let now = at("2026-01-31T11:00:00Z");
        let input = CampaignInput {
            start_time: "2026-01-31T20:30".to_owned(),
            end_time: "2026-01-31T21:30".to_owned(),
            zone: "+08:00".to_owned(),
            ..CampaignInput::of(&old, &Zone::UTC)
        };
        let change = input.update(&old, now).expect("valid");
        assert_eq!(change.start_time, Some(at("2026-01-31T12:30:00Z")));
        assert_eq!(change.end_time, Some(at("2026-01-31T13:30:00Z")));
        let skipped = CampaignInput {
            start_time: "2026-03-29T02:30".to_owned(),
            end_time: "2026-03-29T04:00".to_owned(),
            zone: "Europe/Berlin".to_owned(),
            ..input.clone()
        };
        assert_eq!(skipped.update(&old, now).expect_err("refused").errors[0].field, "start_time");
        let backwards = CampaignInput { end_time: input.start_time.clone(), ..input };
        assert_eq!(backwards.update(&old, now).expect_err("refused").errors[0].field, "end_time");
    }

    #[test]
    fn a_running_campaign_is_only_extended() {
        let old = campaign(CampaignStatus::Active);
        let now = at("2026-01-31T12:30:00Z");
        let input = CampaignInput { alpha: "5".to_owned(), ..CampaignInput::of(&old, &Zone::UTC) };
        let later = CampaignInput { end_time: "2026-01-31T14:00".to_owned(), ..input.clone() };
        let change = later.update(&old, now).expect("valid");
        assert_eq!((change.end_time, change.alpha), (Some(at("2026-01-31T14:00:00Z")), None));
        let sooner = CampaignInput { end_time: "2026-01-31T12:45".to_owned(), ..input.clone() };
        assert_eq!(sooner.update(&old, now).expect_err("refused").errors[0].field, "end_time");
        let over = campaign(CampaignStatus::Ended);
        assert_eq!(input.update(&over, now).expect_err("refused").code, ErrorCode::Conflict);
    }

    #[test]
    fn what_someone_else_has_changed_meanwhile_is_not_overwritten() {
        let old = campaign(CampaignStatus::Pending);
        let input = CampaignInput::of(&old, &Zone::UTC);
        let now = at("2026-01-31T11:00:00Z");
        let begun = Campaign { status: CampaignStatus::Active, ..old.clone() };
        let meanwhile = Campaign { quota: Quota::new(4).expect("in range"), ..old };
        for changed in [begun, meanwhile] {
            assert_eq!(input.update(&changed, now).expect_err("refused").code, ErrorCode::Conflict);
        }
    }
}
