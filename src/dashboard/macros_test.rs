//! Renders every layout and macro once, so that a page can trust them.

use askama::Template;
use chrono::DateTime;

use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::PlainContext;
use crate::dashboard::page::Section;

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% extends "layouts/app.html" %}
{% import "macros/form.html" as form %}
{% import "macros/table.html" as table %}
{% import "macros/badge.html" as badge %}
{% import "macros/time.html" as time %}
{% block title %}Everything{% endblock %}
{% block main %}
{{ form::summary(errors) }}
<form method="post">{{ form::csrf() }}
{{ form::text("name", "Name", value, "Where will it run?", errors.of("name"), focus=true) }}
{{ form::area("note", "Note", "", "", errors.of("note")) }}
{{ form::password("password", "Password", "", "current-password") }}
{% call form::group("expiry", "Expiry", "", "") %}{{ form::radio("expiry", "90d", "90 days", "Ends soon", true) }}{% endcall %}
{{ form::submit("Create key", "Creating…") }}
</form>
{% call table::scroll("Requests") %}<table>{{ table::sort("Name", "?sort=name", "ascending") }}</table>{% endcall %}
{{ table::pager("Newer", None::<String>, "Older", Some("?after=x"), "12 keys") }}
{{ badge::status("expiring", "Expires in 5 days") }}{{ badge::tag("production") }}{{ badge::code(401, "Unauthorized") }}
{{ time::at(moment) }}{{ time::relative(moment) }}{{ time::exact(moment) }}{{ time::day(moment) }}
{% endblock %}"#
)]
struct Everything {
    page: PageContext,
    errors: FormErrors,
    value: String,
    moment: Moment,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% extends "layouts/plain.html" %}{% block title %}Sign in{% endblock %}{% block main %}<h1>Sign in</h1>{% endblock %}"#
)]
struct Plain {
    page: PlainContext,
}

fn everything() -> String {
    let mut errors = FormErrors::default();
    errors.add("name", "Enter a <name>");
    let mut page = PageContext::sample(Section::Keys);
    page.flash = Some(Flash {
        kind: "success",
        text: "Production is revoked.".to_owned(),
        link: Some(("/audit".to_owned(), "Audit entry".to_owned())),
    });
    let at = DateTime::from_timestamp(1_795_253_467, 0).unwrap();
    let moment = Moment::new(at, at);
    Everything {
        page,
        errors,
        value: "\"><script>".to_owned(),
        moment,
    }
    .render()
    .unwrap()
}

#[test]
fn a_message_is_tied_to_its_field_and_named_in_the_summary() {
    let html = everything();
    assert!(
        html.contains("<a href=\"#name\">Enter a &#60;name&#62;</a>"),
        "{html}"
    );
    assert!(html.contains("aria-invalid=\"true\" aria-describedby=\"name-hint name-error\""));
    assert!(html.contains("id=\"name-error\""));
    assert!(!html.contains("aria-describedby=\"note"));
}

#[test]
fn what_people_typed_is_escaped() {
    assert!(!everything().contains("\"><script>"));
}

#[test]
fn the_frame_marks_where_the_reader_is() {
    let html = everything();
    let current = "href=\"/w/default/developers/keys\" data-shortcut=\"g k\" aria-current=\"page\"";
    assert!(html.contains(current), "{html}");
    assert!(html.contains("Times are in UTC"));
    assert!(html.contains("<a href=\"/audit\">Audit entry</a>"));
}

#[test]
fn a_page_carries_no_inline_script_or_style() {
    let plain = Plain {
        page: PlainContext::sample(),
    }
    .render()
    .unwrap();
    for html in [everything(), plain] {
        assert!(
            !html.contains(" style=") && !html.contains("<style"),
            "{html}"
        );
        assert!(
            !html.contains("javascript:") && !html.contains(" onclick"),
            "{html}"
        );
        assert_eq!(html.matches("<script").count(), 1);
    }
}
