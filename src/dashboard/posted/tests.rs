use super::*;
use crate::domain::text;

fn fields(body: &[u8]) -> Fields {
    Fields::parse(body).unwrap()
}

fn line(input: &str) -> Result<String, text::TextFault> {
    text::line(input, 20)
}

#[test]
fn fields_are_decoded_and_may_repeat() {
    let fields = fields(b"name=a+b%2Bc&p=1&p=2&empty=&bare&name=second");
    assert_eq!(fields.get("name"), "a b+c");
    assert_eq!(fields.all("p").collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(
        (fields.get("empty"), fields.get("bare"), fields.get("no")),
        ("", "", "")
    );
}

#[test]
fn what_is_no_utf8_is_told_at_its_field_and_the_rest_is_kept() {
    let fields = fields(b"name=a%ffb&note=fine");
    let mut errors = FormErrors::default();
    assert_eq!(fields.parse_with("name", &mut errors, line), None);
    assert_eq!(errors.of("name"), UNREADABLE);
    assert_eq!(fields.get("name"), "a\u{fffd}b");
    assert_eq!(
        fields.parse_with("note", &mut errors, line).as_deref(),
        Some("fine")
    );
}

#[test]
fn a_nul_and_a_long_value_are_told_at_the_field() {
    let body = [b"name=a%00b&note=".as_slice(), &[b'x'; 10_000]].concat();
    let fields = fields(&body);
    let mut errors = FormErrors::default();
    assert_eq!(fields.parse_with("name", &mut errors, line), None);
    assert_eq!(fields.parse_with("note", &mut errors, line), None);
    assert!(errors.of("name").contains("cannot be printed"));
    assert!(errors.of("note").contains("10000"));
    assert_eq!(fields.get("note").len(), 10_000);
}

#[test]
fn too_many_fields_are_refused() {
    assert!(matches!(
        Fields::parse(&b"a&".repeat(1_001)),
        Err(PageError::TooLarge)
    ));
}
