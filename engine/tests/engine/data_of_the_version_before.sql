-- Version 0009. Users: an admin, two bidders, one who is blocked and has the longest name.
INSERT INTO users (user_id, email, password_hash, username, weight, status, is_admin) VALUES
    ('00000000-0000-0000-0000-000000000001', 'admin@test.com', 'hash', 'Admin', 1.0, 'active', TRUE),
    ('00000000-0000-0000-0000-000000000002', 'ann@test.com', 'hash', 'Ann', 0.5, 'active', FALSE),
    ('00000000-0000-0000-0000-000000000003', 'Bob@Test.com', 'hash', '鮑伯', 5.0, 'active', FALSE),
    ('00000000-0000-0000-0000-000000000004', 'x@y', 'hash', repeat('長', 100), 1.0, 'inactive', FALSE);

-- Products: on offer without anything optional; withdrawn, with line breaks of Windows and of the old Mac.
INSERT INTO products (product_id, name, description, image_url, stock, min_price, version, status) VALUES
    ('00000000-0000-0000-0000-000000000011', '耳機', NULL, NULL, 9, 800.00, 2, 'active'),
    ('00000000-0000-0000-0000-000000000012', repeat('n', 255), E'two\nlines\n', '/img/camera.svg', 0, 0.01, 1, 'inactive');

-- Campaigns: settled; cancelled without bids; one that has not started.
INSERT INTO campaigns (campaign_id, product_id, start_time, end_time, alpha, beta, gamma, quota, status, version,
    cancel_reason, settled_at) VALUES
    ('00000000-0000-0000-0000-000000000021', '00000000-0000-0000-0000-000000000011', '2026-01-31 12:00Z',
        '2026-01-31 12:20Z', 1, 1000, 100, 1, 'settled', 2, NULL, '2026-01-31 12:20:00.1Z'),
    ('00000000-0000-0000-0000-000000000022', '00000000-0000-0000-0000-000000000012', '2026-02-01 12:00Z',
        '2026-02-01 12:20Z', 0, 0, 0, 1, 'cancelled', 3, 'damaged', NULL),
    ('00000000-0000-0000-0000-000000000023', '00000000-0000-0000-0000-000000000011', '2999-01-01 12:00Z',
        '2999-01-02 12:00Z', 100000, 100000, 100000, 9, 'open', 1, NULL, NULL);

-- Ann's second bid wins; Bob's only one does not.
INSERT INTO bids (bid_id, campaign_id, user_id, product_id, price, score, time_elapsed_ms, accepted_seq, bid_number,
    created_at, accepted_at) VALUES
    ('00000000-0000-0000-0000-000000000031', '00000000-0000-0000-0000-000000000021',
        '00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000011', 900.00, 950.5, 2000, 3, 2,
        '2026-01-31 12:00:01Z', '2026-01-31 12:00:02Z'),
    ('00000000-0000-0000-0000-000000000032', '00000000-0000-0000-0000-000000000021',
        '00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-000000000011', 850.01, 850.01, 1500, 2, 1,
        '2026-01-31 12:00:01.5Z', '2026-01-31 12:00:01.5Z');
INSERT INTO bid_events (accepted_seq, bid_id, campaign_id, user_id, price, score, time_elapsed_ms, bid_number,
    accepted_at) VALUES
    (1, '00000000-0000-0000-0000-000000000031', '00000000-0000-0000-0000-000000000021',
        '00000000-0000-0000-0000-000000000002', 800.00, 800.5, 1000, 1, '2026-01-31 12:00:01Z'),
    (2, '00000000-0000-0000-0000-000000000032', '00000000-0000-0000-0000-000000000021',
        '00000000-0000-0000-0000-000000000003', 850.01, 850.01, 1500, 1, '2026-01-31 12:00:01.5Z'),
    (3, '00000000-0000-0000-0000-000000000031', '00000000-0000-0000-0000-000000000021',
        '00000000-0000-0000-0000-000000000002', 900.00, 950.5, 2000, 2, '2026-01-31 12:00:02Z');
-- Two processes wrote them.
INSERT INTO campaign_totals (campaign_id, process_id, participants, bids, max_price, last_seq) VALUES
    ('00000000-0000-0000-0000-000000000021', '00000000-0000-0000-0000-000000000041', 1, 2, 900.00, 3),
    ('00000000-0000-0000-0000-000000000021', '00000000-0000-0000-0000-000000000042', 1, 1, 850.01, 2);
SELECT setval('bid_seq', 3);

INSERT INTO orders (order_id, campaign_id, user_id, product_id, final_price, final_score, final_rank) VALUES
    ('00000000-0000-0000-0000-000000000051', '00000000-0000-0000-0000-000000000021',
        '00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000011', 900.00, 950.5, 1);
INSERT INTO stock_moves (product_id, campaign_id, delta) VALUES
    ('00000000-0000-0000-0000-000000000011', NULL, 10),
    ('00000000-0000-0000-0000-000000000011', '00000000-0000-0000-0000-000000000021', -1);
INSERT INTO campaign_samples (campaign_id, second, taken_at, participants, bids, min_winning_score, max_score) VALUES
    ('00000000-0000-0000-0000-000000000021', 0, '2026-01-31 12:00Z', 0, 0, NULL, NULL),
    ('00000000-0000-0000-0000-000000000021', 2, '2026-01-31 12:00:02Z', 2, 3, 950.5, 950.5);
-- What a command did, and what an admin did.
INSERT INTO audit_log (actor_id, action, subject_id, detail, before) VALUES
    (NULL, 'campaign.settle', '00000000-0000-0000-0000-000000000021', '{"orders": 1}', NULL),
    ('00000000-0000-0000-0000-000000000001', 'user.update', '00000000-0000-0000-0000-000000000004',
        '{"status": "inactive"}', '{"status": "active"}');

-- A saved form of a member, and one of someone who had not signed in.
INSERT INTO kept_forms (form_id, owner_id, fields) VALUES
    ('00000000-0000-0000-0000-000000000061', '00000000-0000-0000-0000-000000000002', '{"name":"Lamp"}'),
    ('00000000-0000-0000-0000-000000000062', NULL, '{}');

-- A session that is open, and one that was ended.
INSERT INTO sessions (session_id, user_id, user_agent, network, created_at, expires_at, ended_at) VALUES
    ('00000000-0000-0000-0000-000000000071', '00000000-0000-0000-0000-000000000002', '', '192.0.2.1',
        '2026-01-31 12:00Z', '2999-01-31 13:00Z', NULL),
    ('00000000-0000-0000-0000-000000000072', '00000000-0000-0000-0000-000000000002', 'curl/8', '2001:db8::',
        '2026-01-31 12:00Z', '2026-01-31 13:00Z', '2026-01-31 12:30Z');

-- An API key.
INSERT INTO sessions (session_id, user_id, user_agent, network, created_at, expires_at, key_name, scope) VALUES
    ('00000000-0000-0000-0000-000000000073', '00000000-0000-0000-0000-000000000002', '', '192.0.2.1',
        '2026-01-31 12:00Z', '2999-01-31 13:00Z', 'Bot', 'bid');

-- What was created under a key.
INSERT INTO idempotency_keys (user_id, key, request_hash, resource_id) VALUES
    ('00000000-0000-0000-0000-000000000001', 'lamp', sha256('request'), '00000000-0000-0000-0000-000000000012');

-- A bid that was void for a while.
UPDATE bids SET void_changes = 2 WHERE bid_id = '00000000-0000-0000-0000-000000000032';
