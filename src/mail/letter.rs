//! A letter as a value: to whom, about what, and its words with at most one link.

use std::fmt;

use askama::Template;

use crate::domain::person::Email;

/// One letter to one person. Each line is a whole sentence or more, written by us; names in it come
/// from people and are escaped where that matters.
#[derive(Clone)]
pub struct Letter {
    to: Email,
    subject: String,
    name: String,
    before: Vec<String>,
    link: Option<Link>,
    after: Vec<String>,
}

#[derive(Clone)]
struct Link {
    label: String,
    url: String,
}

/// A letter shows its address and subject when it is printed; a link in it is as good as a password.
impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter")
            .field("to", &self.to.as_str())
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct PlainText<'a> {
    letter: &'a Letter,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    letter: &'a Letter,
}

impl Letter {
    pub fn new(to: Email, subject: impl Into<String>) -> Self {
        Self {
            to,
            subject: subject.into(),
            name: String::new(),
            before: Vec::new(),
            link: None,
            after: Vec::new(),
        }
    }

    /// Greets the person by name.
    #[must_use]
    pub fn greets(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// A paragraph: before the link, or after it once there is one.
    #[must_use]
    pub fn says(mut self, line: impl Into<String>) -> Self {
        if self.link.is_none() {
            self.before.push(line.into());
        } else {
            self.after.push(line.into());
        }
        self
    }

    /// The one link, whose label says what it does.
    #[must_use]
    pub fn links(mut self, label: impl Into<String>, url: impl Into<String>) -> Self {
        self.link = Some(Link {
            label: label.into(),
            url: url.into(),
        });
        self
    }

    pub fn to(&self) -> &Email {
        &self.to
    }

    pub fn subject(&self) -> &str {
        &self.subject
    }

    fn greeting(&self) -> String {
        if self.name.is_empty() {
            "Hello,".to_owned()
        } else {
            format!("Hello {},", self.name)
        }
    }

    /// As plain text, link and all.
    pub fn text(&self) -> Result<String, askama::Error> {
        PlainText { letter: self }.render()
    }

    /// As HTML, with nothing that a reader would fetch.
    pub fn html(&self) -> Result<String, askama::Error> {
        Html { letter: self }.render()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter::new("ada@acme.example".parse().unwrap(), "Set a new password")
            .greets("Ada <b>")
            .says("Somebody asked for this.")
            .links("Set a new password", "https://keys.example/x?token=a&b=1")
            .says("It works for 30 minutes.")
    }

    #[test]
    fn the_plain_text_has_the_link_on_a_line_of_its_own() {
        insta::assert_snapshot!(letter().text().unwrap(), @r"
        Hello Ada <b>,

        Somebody asked for this.

        Set a new password:
        https://keys.example/x?token=a&b=1

        It works for 30 minutes.

        -- 
        Latchkey
        ");
    }

    #[test]
    fn names_are_escaped_in_html() {
        let html = letter().html().unwrap();
        assert!(html.contains("Hello Ada &#60;b&#62;,"), "{html}");
        assert!(!html.contains("<b>"), "{html}");
    }

    #[test]
    fn a_printed_letter_shows_no_link() {
        let printed = format!("{:?}", letter());
        assert!(!printed.contains("token"), "{printed}");
        assert!(printed.contains("ada@acme.example"), "{printed}");
    }
}
