//! A QR code as one path of an SVG.

use std::fmt::Write as _;

use qrcode::Color;
use qrcode::EcLevel;
use qrcode::QrCode;
use qrcode::types::QrError;
use secrecy::ExposeSecret;
use secrecy::SecretString;

/// As wide as the standard asks, so that a camera finds the code.
const QUIET_MODULES: usize = 4;

pub struct Qr {
    /// Modules on a side, with the quiet zone.
    pub side: usize,
    pub path: SecretString,
}

impl Qr {
    pub fn of(text: &SecretString) -> Result<Self, QrError> {
        let code = QrCode::with_error_correction_level(text.expose_secret(), EcLevel::M)?;
        let width = code.width();
        let mut path = String::new();
        for y in 0..width {
            let mut x = 0;
            while x < width {
                let run = (x..width)
                    .take_while(|x| code[(*x, y)] == Color::Dark)
                    .count();
                if run > 0 {
                    let (left, top) = (x + QUIET_MODULES, y + QUIET_MODULES);
                    // Writing to a string cannot fail.
                    let _ = write!(path, "M{left} {top}h{run}v1h-{run}z");
                }
                x += run.max(1);
            }
        }
        Ok(Self {
            side: width + 2 * QUIET_MODULES,
            path: path.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_module_is_in_the_path() {
        let text = "otpauth://totp/Latchkey:a?secret=GEZDGNBVGY3TQOJQ".to_owned();
        let code = QrCode::with_error_correction_level(&text, EcLevel::M).unwrap();
        let dark = code
            .to_colors()
            .iter()
            .filter(|c| **c == Color::Dark)
            .count();
        let qr = Qr::of(&text.into()).unwrap();
        let drawn: usize = qr
            .path
            .expose_secret()
            .split('h')
            .filter_map(|part| part.split_once('v'))
            .map(|(run, _)| run.parse::<usize>().unwrap())
            .sum();
        assert_eq!(drawn, dark);
        assert_eq!(qr.side, code.width() + 8);
    }
}
