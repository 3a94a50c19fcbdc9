//! The model: the auction as one would run it on paper, with lists searched from end to end. It shares nothing with the
//! engine but the error codes. Prices are in cents, times in microseconds after noon; users, products and campaigns are
//! indices.

use domain::ErrorCode;

/// Everything there is.
#[derive(Debug, Default)]
pub struct Model {
    pub now: i64,
    /// By user.
    pub weights: Vec<f64>,
    pub products: Vec<Product>,
    pub campaigns: Vec<Campaign>,
}

#[derive(Debug)]
pub struct Product {
    pub min_cents: i64,
    /// Every change of the stock, and the campaign that sold, if one did. The stock is their sum.
    pub moves: Vec<(Option<usize>, i32)>,
}

#[derive(Debug)]
pub struct Campaign {
    pub product: usize,
    pub rules: Rules,
    pub closing: Closing,
    /// Every accepted bid in the order of acceptance. A user's last one is their standing bid.
    pub accepted: Vec<Accepted>,
    /// The winners' bids by rank.
    pub orders: Vec<Accepted>,
}

#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub start: i64,
    pub end: i64,
    pub alpha: f64,
    pub beta: f64,
    pub gamma: f64,
    pub quota: i32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closing {
    Open,
    Settled,
    Cancelled,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Accepted {
    pub user: usize,
    pub cents: i64,
    pub score: f64,
    pub elapsed_ms: i64,
    /// Its number among the user's accepted bids, from 1.
    pub number: u32,
    pub received: i64,
}

/// What a bidder is told: the standing bid and how it ranks.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Answer {
    pub standing: Accepted,
    pub improved: bool,
    pub rank: usize,
    pub is_winning: bool,
    pub first_received: i64,
}

/// An edit of a campaign; what is `None` stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change {
    pub start: Option<i64>,
    pub end: Option<i64>,
    pub alpha: Option<f64>,
    pub beta: Option<f64>,
    pub gamma: Option<f64>,
    pub quota: Option<i32>,
}

impl Rules {
    /// The published formula.
    pub fn score(&self, cents: i64, elapsed_ms: i64, weight: f64) -> f64 {
        self.alpha * (cents as f64 / 100.0) + self.beta / (elapsed_ms as f64 + 1.0) + self.gamma * weight
    }
}

impl Product {
    pub fn stock(&self) -> i32 {
        self.moves.iter().map(|(_, delta)| delta).sum()
    }
}

impl Campaign {
    /// A user's standing bid.
    pub fn standing(&self, user: usize) -> Option<Accepted> {
        self.accepted.iter().rev().find(|bid| bid.user == user).copied()
    }

    /// The standing bids, best first: by score, and of equal scores the one accepted earlier.
    pub fn standings(&self) -> Vec<Accepted> {
        self.standings_after(self.accepted.len())
    }

    /// The same as they were after the first `count` accepted bids.
    pub fn standings_after(&self, count: usize) -> Vec<Accepted> {
        let accepted = &self.accepted[..count];
        let is_standing = |at: usize| !accepted[at + 1..].iter().any(|later| later.user == accepted[at].user);
        let mut standings: Vec<Accepted> = (0..count).filter(|at| is_standing(*at)).map(|at| accepted[at]).collect();
        // This sort leaves equals in the order of acceptance.
        standings.sort_by(|a, b| b.score.total_cmp(&a.score));
        standings
    }

    /// A user's rank, from 1.
    pub fn rank(&self, user: usize) -> Option<usize> {
        self.standings().iter().position(|bid| bid.user == user).map(|ahead| ahead + 1)
    }

    pub fn wins(&self, rank: usize) -> bool {
        rank <= usize::try_from(self.rules.quota).expect("positive")
    }
}

impl Model {
    pub fn bid(&mut self, user: usize, campaign: usize, cents: i64) -> Result<Answer, ErrorCode> {
        let (now, weight) = (self.now, self.weights[user]);
        let campaign = &mut self.campaigns[campaign];
        let rules = campaign.rules;
        match campaign.closing {
            Closing::Cancelled => return Err(ErrorCode::CampaignCancelled),
            Closing::Settled => return Err(ErrorCode::CampaignEnded),
            Closing::Open if now < rules.start => return Err(ErrorCode::CampaignNotStarted),
            Closing::Open if now >= rules.end => return Err(ErrorCode::CampaignEnded),
            Closing::Open => {}
        }
        if cents < self.products[campaign.product].min_cents {
            return Err(ErrorCode::PriceTooLow);
        }
        let elapsed_ms = (now - rules.start) / 1000;
        let score = rules.score(cents, elapsed_ms, weight);
        let before = campaign.standing(user);
        let improved = before.is_none_or(|before| score > before.score);
        if improved {
            let number = before.map_or(1, |before| before.number + 1);
            campaign.accepted.push(Accepted { user, cents, score, elapsed_ms, number, received: now });
        }
        let standing = campaign.standing(user).expect("just bid");
        let first = campaign.accepted.iter().find(|bid| bid.user == user).expect("just bid");
        let rank = campaign.rank(user).expect("just bid");
        Ok(Answer { standing, improved, rank, is_winning: campaign.wins(rank), first_received: first.received })
    }

    /// Turns the clock, and settles what has ended.
    pub fn turn_clock(&mut self, now: i64) {
        self.now = now;
        for id in 0..self.campaigns.len() {
            self.settle_if_due(id);
        }
    }

    fn settle_if_due(&mut self, id: usize) {
        let campaign = &mut self.campaigns[id];
        if campaign.closing != Closing::Open || self.now < campaign.rules.end {
            return;
        }
        let product = &mut self.products[campaign.product];
        let winners = usize::try_from(campaign.rules.quota.min(product.stock())).expect("not negative");
        campaign.orders = campaign.standings().into_iter().take(winners).collect();
        campaign.closing = Closing::Settled;
        let sold = i32::try_from(campaign.orders.len()).expect("few");
        if sold > 0 {
            product.moves.push((Some(id), -sold));
        }
    }

    /// A new campaign; its number is the next.
    pub fn create(&mut self, product: usize, rules: Rules) -> Result<(), ErrorCode> {
        check_times(rules.start, rules.end, self.now)?;
        if i64::from(rules.quota) > self.available(product) {
            return Err(ErrorCode::InsufficientStock);
        }
        let (accepted, orders) = (Vec::new(), Vec::new());
        self.campaigns.push(Campaign { product, rules, closing: Closing::Open, accepted, orders });
        Ok(())
    }

    pub fn update(&mut self, campaign: usize, change: &Change) -> Result<(), ErrorCode> {
        let Campaign { product, rules: old, closing, .. } = self.campaigns[campaign];
        let rules = Rules {
            start: change.start.unwrap_or(old.start),
            end: change.end.unwrap_or(old.end),
            alpha: change.alpha.unwrap_or(old.alpha),
            beta: change.beta.unwrap_or(old.beta),
            gamma: change.gamma.unwrap_or(old.gamma),
            quota: change.quota.unwrap_or(old.quota),
        };
        let only_end =
            matches!(change, Change { start: None, end: _, alpha: None, beta: None, gamma: None, quota: None });
        if closing != Closing::Open || self.now >= old.end {
            return Err(ErrorCode::Conflict);
        } else if self.now < old.start {
            check_times(rules.start, rules.end, self.now)?;
        } else if !only_end || rules.end < old.end {
            return Err(ErrorCode::Conflict);
        }
        // What it was promised before is available to it.
        if i64::from(rules.quota) > self.available(product) + i64::from(old.quota) {
            return Err(ErrorCode::InsufficientStock);
        }
        self.campaigns[campaign].rules = rules;
        Ok(())
    }

    pub fn cancel(&mut self, campaign: usize) -> Result<(), ErrorCode> {
        if self.campaigns[campaign].closing != Closing::Open {
            return Err(ErrorCode::Conflict);
        }
        self.campaigns[campaign].closing = Closing::Cancelled;
        Ok(())
    }

    pub fn set_stock(&mut self, product: usize, stock: i32) -> Result<(), ErrorCode> {
        let old = self.products[product].stock();
        let promised = i64::from(old) - self.available(product);
        if i64::from(stock) < promised {
            return Err(ErrorCode::InsufficientStock);
        }
        self.products[product].moves.push((None, stock - old));
        Ok(())
    }

    /// The stock that no open campaign has been promised.
    pub fn available(&self, product: usize) -> i64 {
        let open = self.campaigns.iter().filter(|one| one.product == product && one.closing == Closing::Open);
        let promised: i64 = open.map(|one| i64::from(one.rules.quota)).sum();
        i64::from(self.products[product].stock()) - promised
    }
}

fn check_times(start: i64, end: i64, now: i64) -> Result<(), ErrorCode> {
    if end <= start || end <= now { Err(ErrorCode::Validation) } else { Ok(()) }
}
