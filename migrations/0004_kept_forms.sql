-- Forms as they were typed, for a day: the page that reviews one, or shows it again because it was
-- refused, is an address like any other and may be reloaded and come back to.
CREATE TABLE kept_forms (
    form_id  UUID PRIMARY KEY,
    -- Who alone may see it; null for someone who has not signed in, who alone has its id.
    owner_id UUID REFERENCES users ON DELETE CASCADE,
    -- A JSON object of texts. Not JSONB, which takes no NUL, and whatever was typed comes back.
    fields   TEXT NOT NULL,
    kept_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX idx_kept_forms_owner ON kept_forms (owner_id, kept_at DESC);
CREATE INDEX idx_kept_forms_age ON kept_forms (kept_at);

-- Line breaks are LF, whatever browsers sent.
UPDATE products
SET description = replace(replace(description, E'\r\n', E'\n'), E'\r', E'\n'),
    updated_at = greatest(clock_timestamp(), updated_at + interval '1 microsecond')
WHERE strpos(description, E'\r') > 0;
