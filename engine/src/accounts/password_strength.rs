//! How easily a password is guessed.

use domain::validated::Password;
use zxcvbn::{Score, zxcvbn};

/// Whether a password is among the first million guesses of somebody who knows these words about its user: a common one,
/// a keyboard pattern, or a variation of the words.
pub fn is_easily_guessed(password: &Password, known: &[&str]) -> bool {
    // "ann@example.com" also tells "ann" and "example".
    let parts = known.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    let words: Vec<&str> = known.iter().copied().chain(parts).filter(|word| !word.is_empty()).collect();
    zxcvbn(password.expose(), &words).score() < Score::Two
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_passwords_and_the_users_own_words_are_easily_guessed() {
        let known = ["ann.miller@example.com", "Ann Miller"];
        let is_easy = |text: &str| is_easily_guessed(&Password::new_password(text).expect("long enough"), &known);
        for easy in ["password123", "12345678", "qwertyuiop", "aaaaaaaaaaa", "ann.miller@example.com", "AnnMiller1"] {
            assert!(is_easy(easy), "{easy}");
        }
        for hard in ["correct horse", "mV8#kd0qPz", "我的密碼是一句話"] {
            assert!(!is_easy(hard), "{hard}");
        }
    }
}
