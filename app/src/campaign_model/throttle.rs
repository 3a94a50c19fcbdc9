//! Limits how often the newest of a stream of values is taken.

/// Holds the newest value, which can be taken once per interval.
pub(crate) struct Throttle<T> {
    every_ms: f64,
    due_ms: f64,
    newest: Option<T>,
}

impl<T> Throttle<T> {
    /// An empty throttle.
    pub(crate) fn new(every_ms: f64) -> Self {
        Self { every_ms, due_ms: f64::NEG_INFINITY, newest: None }
    }

    /// Puts a value in place of one not taken yet.
    pub(crate) fn put(&mut self, value: T) {
        self.newest = Some(value);
    }

    /// The value not taken yet.
    pub(crate) fn newest(&self) -> Option<&T> {
        self.newest.as_ref()
    }

    /// Takes the newest value, if the interval since the last one has passed.
    pub(crate) fn take(&mut self, now_ms: f64) -> Option<T> {
        let newest = if now_ms >= self.due_ms { self.newest.take() } else { None };
        if newest.is_some() {
            self.due_ms = now_ms + self.every_ms;
        }
        newest
    }

    /// Lets the next value be taken at once.
    pub(crate) fn release(&mut self) {
        self.due_ms = f64::NEG_INFINITY;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_taken_once_and_not_too_soon() {
        let mut throttle = Throttle::new(500.0);
        assert_eq!(throttle.take(0.0), None);
        throttle.put("first");
        assert_eq!(throttle.take(10.0), Some("first"), "the first after a pause does not wait");
        throttle.put("second");
        assert_eq!(throttle.take(200.0), None);
        throttle.put("third");
        assert_eq!(throttle.newest(), Some(&"third"));
        assert_eq!(throttle.take(509.0), None);
        assert_eq!(throttle.take(510.0), Some("third"));
        assert_eq!(throttle.take(2000.0), None);
    }

    #[test]
    fn it_can_be_released() {
        let mut throttle = Throttle::new(500.0);
        throttle.put(1);
        assert_eq!(throttle.take(0.0), Some(1));
        throttle.put(2);
        throttle.release();
        assert_eq!(throttle.take(1.0), Some(2));
        throttle.put(3);
        assert_eq!(throttle.take(2.0), None);
    }
}
