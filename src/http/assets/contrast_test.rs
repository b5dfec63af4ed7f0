//! The colours of `tokens.css` can be read: every pair that a page may show, in both themes.

use std::collections::HashMap;

use crate::http::assets::bundle::Embedded;

/// Text on its ground, and the least ratio it needs: 4.5 for text, 3 for what is not text.
const PAIRS: [(&str, &str, f64); 29] = [
    ("color-text", "color-page", 7.0),
    ("color-text", "color-surface", 7.0),
    ("color-text", "color-hover", 7.0),
    ("color-text", "color-action-soft", 7.0),
    ("color-text-muted", "color-page", 4.5),
    ("color-text-muted", "color-hover", 4.5),
    ("color-text-muted", "color-sunken", 4.5),
    ("color-text-faint", "color-page", 4.5),
    ("color-text-faint", "color-surface", 4.5),
    ("color-text-faint", "color-hover", 4.5),
    ("color-link", "color-page", 4.5),
    ("color-link", "color-surface", 4.5),
    ("color-link", "color-action-soft", 4.5),
    ("color-on-action", "color-action", 4.5),
    ("color-on-action", "color-action-hover", 4.5),
    ("color-on-action", "color-danger-solid", 4.5),
    ("color-on-action", "color-danger-hover", 4.5),
    ("color-success", "color-success-soft", 4.5),
    ("color-warning", "color-warning-soft", 4.5),
    ("color-warning", "color-page", 4.5),
    ("color-danger", "color-danger-soft", 4.5),
    ("color-danger", "color-page", 4.5),
    ("color-danger", "color-hover", 4.5),
    ("color-info", "color-info-soft", 4.5),
    ("color-neutral", "color-neutral-soft", 4.5),
    ("color-control-line", "color-surface", 3.0),
    ("color-focus", "color-page", 3.0),
    ("color-chart-succeeded", "color-surface", 3.0),
    ("color-chart-failed", "color-surface", 3.0),
];

#[test]
fn every_pair_of_colours_can_be_read_in_both_themes() {
    let css = Embedded::text("css/tokens.css");
    let tokens = declarations(&css);
    for (front, ground, least) in PAIRS {
        for theme in [Theme::Light, Theme::Dark] {
            let ratio = contrast(
                &resolve(&tokens, front, theme),
                &resolve(&tokens, ground, theme),
            );
            assert!(
                ratio >= least,
                "{front} on {ground}, {theme:?}: {ratio:.2} < {least}"
            );
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Theme {
    Light,
    Dark,
}

/// The first declaration of each custom property: those of the plain `:root`.
fn declarations(css: &str) -> HashMap<&str, &str> {
    let mut tokens = HashMap::new();
    for line in css.lines() {
        let line = line
            .trim()
            .strip_prefix("--")
            .and_then(|line| line.split_once(':'));
        if let Some((name, value)) = line {
            tokens
                .entry(name)
                .or_insert(value.trim().trim_end_matches(';'));
        }
    }
    tokens
}

fn resolve(tokens: &HashMap<&str, &str>, name: &str, theme: Theme) -> String {
    let mut value = tokens[name].to_owned();
    loop {
        if let Some(pair) = value
            .strip_prefix("light-dark(")
            .and_then(|v| v.strip_suffix(')'))
        {
            let (light, dark) = pair.split_once(", ").expect("two colours");
            value = match theme {
                Theme::Light => light.to_owned(),
                Theme::Dark => dark.to_owned(),
            };
        } else if let Some(name) = value
            .strip_prefix("var(--")
            .and_then(|v| v.strip_suffix(')'))
        {
            value = tokens[name].to_owned();
        } else {
            return value;
        }
    }
}

/// As WCAG 2.2 defines it.
fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(hex: &str) -> f64 {
    let digits = hex.strip_prefix('#').expect("a hex colour");
    let wide = if digits.len() == 3 {
        digits.chars().flat_map(|digit| [digit, digit]).collect()
    } else {
        digits.to_owned()
    };
    let channel = |at: usize| {
        let value = u8::from_str_radix(&wide[at..at + 2], 16).expect("hex digits");
        let share = f64::from(value) / 255.0;
        if share <= 0.04045 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}
