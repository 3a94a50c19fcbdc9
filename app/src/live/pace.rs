//! How often the page takes in what comes.

/// The newest of what has come, to be taken at most every so often.
pub(crate) struct Paced<T> {
    every_ms: f64,
    due_ms: f64,
    newest: Option<T>,
}

impl<T> Paced<T> {
    /// Nothing has come yet.
    pub(crate) fn new(every_ms: f64) -> Self {
        Self { every_ms, due_ms: f64::NEG_INFINITY, newest: None }
    }

    /// Replaces what has not been taken.
    pub(crate) fn put(&mut self, value: T) {
        self.newest = Some(value);
    }

    /// What has not been taken.
    pub(crate) fn newest(&self) -> Option<&T> {
        self.newest.as_ref()
    }

    /// The newest, if it has not been taken and it is time.
    pub(crate) fn take(&mut self, now_ms: f64) -> Option<T> {
        let newest = if now_ms >= self.due_ms { self.newest.take() } else { None };
        if newest.is_some() {
            self.due_ms = now_ms + self.every_ms;
        }
        newest
    }

    /// Makes it time.
    pub(crate) fn hurry(&mut self) {
        self.due_ms = f64::NEG_INFINITY;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_taken_once_and_not_too_soon() {
        let mut paced = Paced::new(500.0);
        assert_eq!(paced.take(0.0), None);
        paced.put("first");
        assert_eq!(paced.take(10.0), Some("first"), "what comes after a pause does not wait");
        paced.put("second");
        assert_eq!(paced.take(200.0), None);
        paced.put("third");
        assert_eq!(paced.newest(), Some(&"third"));
        assert_eq!(paced.take(509.0), None);
        assert_eq!(paced.take(510.0), Some("third"));
        assert_eq!(paced.take(2000.0), None);
    }

    #[test]
    fn it_can_be_hurried() {
        let mut paced = Paced::new(500.0);
        paced.put(1);
        assert_eq!(paced.take(0.0), Some(1));
        paced.put(2);
        paced.hurry();
        assert_eq!(paced.take(1.0), Some(2));
        paced.put(3);
        assert_eq!(paced.take(2.0), None);
    }
}
