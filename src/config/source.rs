//! Reads variables and collects what is wrong with them.

use std::fmt::Display;
use std::str::FromStr;

use secrecy::SecretString;

use crate::config::ConfigFaults;

pub struct Source<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    faults: Vec<String>,
}

impl<'a> Source<'a> {
    pub fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            lookup,
            faults: Vec::new(),
        }
    }

    /// `value`, unless something was wrong.
    pub fn finish<T>(self, value: T) -> Result<T, ConfigFaults> {
        if self.faults.is_empty() {
            Ok(value)
        } else {
            Err(ConfigFaults(self.faults))
        }
    }

    pub fn fault(&mut self, line: String) {
        self.faults.push(line);
    }

    pub fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    pub fn secret(&self, name: &str) -> Option<SecretString> {
        self.text(name).map(SecretString::from)
    }

    /// The variable, read as a `T`; `None` if it is unset or wrong.
    pub fn optional<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(format!("{name}: “{text}” cannot be used: {error}"));
                None
            }
        }
    }

    pub fn or<T: FromStr<Err: Display>>(&mut self, name: &str, default: T) -> T {
        self.optional(name).unwrap_or(default)
    }

    /// A whole number from `least` to `most`.
    pub fn number(&mut self, name: &str, default: u64, (least, most): (u64, u64)) -> u64 {
        let number = self.or(name, default);
        if (least..=most).contains(&number) {
            return number;
        }
        self.fault(format!(
            "{name}: {number} is not between {least} and {most}"
        ));
        default
    }

    /// A comma-separated list.
    pub fn list<T: FromStr<Err: Display>>(&mut self, name: &str, default: &str) -> Vec<T> {
        let text = self.text(name).unwrap_or_else(|| default.to_owned());
        let mut values = Vec::new();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            match part.parse() {
                Ok(value) => values.push(value),
                Err(error) => self.fault(format!("{name}: “{part}” cannot be used: {error}")),
            }
        }
        values
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)], default: T) -> T {
        let Some(text) = self.text(name) else {
            return default;
        };
        if let Some((_, value)) = choices.iter().find(|(word, _)| *word == text) {
            return *value;
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        self.fault(format!("{name}: “{text}” is none of {}", words.join(", ")));
        default
    }
}
