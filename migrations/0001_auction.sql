-- Everything an auction consists of. The constraints are the last line of defence: what the
-- engine promises (one standing bid and one order per bidder, no negative stock) also holds
-- against a bug in the engine.

CREATE TABLE users (
    user_id       UUID PRIMARY KEY,
    email         TEXT NOT NULL CHECK (char_length(email) BETWEEN 3 AND 254),
    password_hash TEXT NOT NULL,
    username      TEXT NOT NULL CHECK (char_length(username) BETWEEN 1 AND 100),
    weight        DOUBLE PRECISION NOT NULL DEFAULT 1.0 CHECK (weight BETWEEN 0.5 AND 5.0),
    status        TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive')),
    is_admin      BOOLEAN NOT NULL DEFAULT FALSE,
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at    TIMESTAMPTZ NOT NULL DEFAULT now()
);
-- One account per address, whatever its case.
CREATE UNIQUE INDEX idx_users_email ON users (lower(email));
CREATE INDEX idx_users_status ON users (status);

CREATE TABLE products (
    product_id  UUID PRIMARY KEY,
    name        TEXT NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
    description TEXT CHECK (char_length(description) <= 10000),
    image_url   TEXT CHECK (char_length(image_url) <= 500),
    stock       INTEGER NOT NULL CHECK (stock >= 0),
    min_price   NUMERIC(12, 2) NOT NULL CHECK (min_price > 0),
    -- Grows with every change of the row, so that copies of the stock elsewhere can tell old from new.
    version     BIGINT NOT NULL DEFAULT 1,
    status      TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive')),
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX idx_products_created ON products (created_at DESC, product_id DESC);

CREATE TABLE campaigns (
    campaign_id   UUID PRIMARY KEY,
    product_id    UUID NOT NULL REFERENCES products,
    start_time    TIMESTAMPTZ NOT NULL,
    end_time      TIMESTAMPTZ NOT NULL,
    alpha         DOUBLE PRECISION NOT NULL CHECK (alpha BETWEEN 0 AND 100000),
    beta          DOUBLE PRECISION NOT NULL CHECK (beta BETWEEN 0 AND 100000),
    gamma         DOUBLE PRECISION NOT NULL CHECK (gamma BETWEEN 0 AND 100000),
    quota         INTEGER NOT NULL CHECK (quota >= 1),
    -- Whether it was closed, and how. Pending, active and ended follow from the clock until then.
    status        TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'settled', 'cancelled')),
    -- Grows with every edit. A bid is written only if it was scored under the current version.
    version       BIGINT NOT NULL DEFAULT 1,
    cancel_reason TEXT CHECK (char_length(cancel_reason) <= 500),
    settled_at    TIMESTAMPTZ,
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    CHECK (end_time > start_time),
    CHECK ((status = 'settled') = (settled_at IS NOT NULL))
);
CREATE INDEX idx_campaigns_status ON campaigns (status);
CREATE INDEX idx_campaigns_time ON campaigns (start_time, end_time);
CREATE INDEX idx_campaigns_product ON campaigns (product_id);
-- The sweep of settlement looks for open campaigns whose time is up.
CREATE INDEX idx_campaigns_due ON campaigns (end_time) WHERE status = 'open';

-- The order in which bids are accepted: it breaks ties between equal scores.
CREATE SEQUENCE bid_seq AS BIGINT;

-- One row per campaign and bidder: the standing bid, the best they ever made there.
CREATE TABLE bids (
    bid_id          UUID PRIMARY KEY,
    campaign_id     UUID NOT NULL REFERENCES campaigns,
    user_id         UUID NOT NULL REFERENCES users,
    product_id      UUID NOT NULL REFERENCES products,
    price           NUMERIC(12, 2) NOT NULL CHECK (price > 0),
    score           DOUBLE PRECISION NOT NULL CHECK (score >= 0 AND score < 'Infinity'),
    time_elapsed_ms BIGINT NOT NULL CHECK (time_elapsed_ms >= 0),
    accepted_seq    BIGINT NOT NULL,
    bid_number      INTEGER NOT NULL CHECK (bid_number >= 1),
    created_at      TIMESTAMPTZ NOT NULL,
    accepted_at     TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX idx_bids_campaign_user ON bids (campaign_id, user_id);
-- The total order of a campaign; unique, so that no two bids can share a place.
CREATE UNIQUE INDEX idx_bids_campaign_score ON bids (campaign_id, score DESC, accepted_seq ASC);

-- Append-only: every accepted bid. It has no foreign keys because it is written by the same
-- statement as `bids`, which has them, and is on the way of every bid.
CREATE TABLE bid_events (
    accepted_seq    BIGINT PRIMARY KEY,
    bid_id          UUID NOT NULL,
    campaign_id     UUID NOT NULL,
    user_id         UUID NOT NULL,
    price           NUMERIC(12, 2) NOT NULL,
    score           DOUBLE PRECISION NOT NULL,
    time_elapsed_ms BIGINT NOT NULL,
    bid_number      INTEGER NOT NULL,
    accepted_at     TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX idx_bid_events_bid_number ON bid_events (bid_id, bid_number);

CREATE TABLE orders (
    order_id    UUID PRIMARY KEY,
    campaign_id UUID NOT NULL REFERENCES campaigns,
    user_id     UUID NOT NULL REFERENCES users,
    product_id  UUID NOT NULL REFERENCES products,
    final_price NUMERIC(12, 2) NOT NULL CHECK (final_price > 0),
    final_score DOUBLE PRECISION NOT NULL,
    final_rank  INTEGER NOT NULL CHECK (final_rank > 0),
    status      TEXT NOT NULL DEFAULT 'confirmed' CHECK (status IN ('confirmed')),
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    -- Sold once: one order per winner, one winner per rank.
    UNIQUE (campaign_id, user_id),
    UNIQUE (campaign_id, final_rank)
);
CREATE INDEX idx_orders_campaign_created ON orders (campaign_id, created_at);
CREATE INDEX idx_orders_user_created ON orders (user_id, created_at DESC);
CREATE INDEX idx_orders_status ON orders (status);

-- Every change of a product's stock. The stock is the sum of its moves, and a campaign moves it
-- at most once.
CREATE TABLE stock_moves (
    move_id     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id  UUID NOT NULL REFERENCES products,
    campaign_id UUID UNIQUE REFERENCES campaigns,
    delta       INTEGER NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX idx_stock_moves_product ON stock_moves (product_id);

-- What admins did.
CREATE TABLE audit_log (
    audit_id   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    actor_id   UUID REFERENCES users,
    action     TEXT NOT NULL,
    subject_id UUID NOT NULL,
    detail     JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX idx_audit_log_created ON audit_log (created_at DESC);
