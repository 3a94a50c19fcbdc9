//! The message for an error, an invalid field or a phase. Errors are looked up by their code, because the API's own
//! sentences are English only.

use super::CommonMessages;
use crate::{campaign_model::phase::Phase, format::money};
use domain::{ApiError, ErrorCode};

impl CommonMessages {
    /// The message for an error.
    pub fn error(&self, error: &ApiError) -> String {
        if let Some(min_price) = error.min_price {
            return self.error_price_too_low(&money(min_price));
        }
        self.error_code(error.code).to_owned()
    }

    fn error_code(&self, code: ErrorCode) -> &'static str {
        match code {
            ErrorCode::NotAuthenticated | ErrorCode::InvalidToken => self.error_not_signed_in,
            ErrorCode::BadCredentials | ErrorCode::CodeRequired => self.error_bad_credentials,
            ErrorCode::AccountInactive => self.error_account_inactive,
            ErrorCode::AdminRequired => self.error_admin_required,
            ErrorCode::CrossOrigin | ErrorCode::InsufficientScope => self.error_cross_origin,
            ErrorCode::SessionChanged => self.error_session_changed,
            ErrorCode::EmailTaken => self.error_email_taken,
            ErrorCode::NotFound | ErrorCode::MethodNotAllowed => self.error_not_found,
            ErrorCode::ProductNotFound => self.error_product_not_found,
            ErrorCode::CampaignNotFound => self.error_campaign_not_found,
            ErrorCode::CampaignNotStarted => self.error_campaign_not_started,
            ErrorCode::CampaignEnded => self.error_campaign_ended,
            ErrorCode::CampaignCancelled => self.error_campaign_cancelled,
            ErrorCode::PriceTooLow => self.error_price_low,
            ErrorCode::InsufficientStock => self.error_insufficient_stock,
            ErrorCode::Conflict | ErrorCode::Stale => self.error_conflict,
            ErrorCode::Validation | ErrorCode::PayloadTooLarge => self.error_validation,
            ErrorCode::RateLimited => self.error_rate_limited,
            ErrorCode::Overloaded => self.error_overloaded,
            ErrorCode::Internal => self.error_internal,
            ErrorCode::Unavailable => self.error_unavailable,
        }
    }

    /// The name of a phase.
    pub fn phase(&self, phase: Phase) -> &'static str {
        match phase {
            Phase::Pending => self.phase_pending,
            Phase::Active => self.phase_active,
            Phase::Settling => self.phase_settling,
            Phase::Ended => self.phase_ended,
            Phase::Cancelled => self.phase_cancelled,
        }
    }

    /// The rule for a form's field, by the field's name.
    pub fn field_rule(&self, field: &str) -> &'static str {
        match field {
            "email" => self.rule_email,
            "password" => self.rule_password,
            "current_password" => self.rule_current_password,
            "new_password" => self.rule_new_password,
            "username" => self.rule_username,
            "key_name" => self.rule_key_name,
            "days" => self.rule_key_days,
            "name" => self.rule_product_name,
            "description" => self.rule_description,
            "image_url" => self.rule_image_url,
            "stock" => self.rule_stock,
            "price" | "min_price" => self.rule_money,
            "product_id" => self.rule_product,
            "start_time" => self.rule_start_time,
            "end_time" => self.rule_end_time,
            "alpha" | "beta" | "gamma" => self.rule_coefficient,
            "quota" => self.rule_quota,
            _ => self.error_validation,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lang::Lang;
    use domain::{ApiError, ErrorCode, Money};

    #[test]
    fn the_minimum_price_is_named() {
        let mut error = ApiError::new(ErrorCode::PriceTooLow, "");
        error.min_price = Money::from_cents(80_000);
        for lang in Lang::ALL {
            assert!(lang.common_messages().error(&error).contains("NT$800"), "{lang:?}");
        }
    }
}
