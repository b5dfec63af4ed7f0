use super::*;

fn ips(input: &str) -> Result<Vec<String>, String> {
    let nets = parse_ips(input).map_err(|fault| fault.to_string())?;
    Ok(nets.iter().map(ToString::to_string).collect())
}

fn origins(input: &str) -> Result<Vec<String>, String> {
    let origins = parse_origins(input).map_err(|fault| fault.to_string())?;
    Ok(origins.iter().map(ToString::to_string).collect())
}

fn list(entries: &[&str]) -> Vec<String> {
    entries.iter().map(|entry| (*entry).to_owned()).collect()
}

#[test]
fn an_address_becomes_a_network_of_itself() {
    assert_eq!(
        ips("203.0.113.9\n2001:DB8::1\n10.0.0.0/8\n2001:db8::/32\n0.0.0.0/0"),
        Ok(list(&[
            "203.0.113.9/32",
            "2001:db8::1/128",
            "10.0.0.0/8",
            "2001:db8::/32",
            "0.0.0.0/0"
        ]))
    );
    assert_eq!(
        ips("203.0.113.9\n203.0.113.9/32"),
        Ok(list(&["203.0.113.9/32"]))
    );
    assert_eq!(ips(" \n"), Ok(list(&[])));
}

#[test]
fn an_address_written_as_v6_is_held_as_the_v4_it_is() {
    assert_eq!(
        ips("::ffff:203.0.113.9\n::ffff:10.0.0.0/104"),
        Ok(list(&["203.0.113.9/32", "10.0.0.0/8"]))
    );
}

#[test]
fn host_bits_are_refused_with_both_that_could_be_meant() {
    assert_eq!(
        ips("10.0.0.0/8\n10.1.2.3/8"),
        Err(
            "Line 2: 10.1.2.3/8 is an address inside a network. Enter 10.0.0.0/8 for the network, \
             or 10.1.2.3 for the one address."
                .to_owned()
        )
    );
    assert!(ips("2001:db8::1/32").is_err());
}

#[test]
fn what_is_no_address_is_refused() {
    for bad in [
        "10.0.0",
        "10.0.0.256",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "010.0.0.1",
        "2001:db8::/129",
        "app.example.com",
        "10.0.0.0/8 10.1.0.0/16",
        "10.0.0.1-10.0.0.9",
        "fe80::1%eth0",
        "127.1",
        "*",
        "<script>",
    ] {
        let said = ips(&format!("10.0.0.1\n{bad}")).expect_err(bad);
        assert!(said.starts_with("Line 2: "), "{bad}: {said}");
    }
}

#[test]
fn a_list_has_an_end() {
    let many: Vec<String> = (0..51).map(|n| format!("10.0.0.{n}")).collect();
    assert!(ips(&many[..50].join("\n")).is_ok());
    assert_eq!(
        ips(&many.join("\n")),
        Err("Enter at most 50 addresses; this has 51.".to_owned())
    );
}

#[test]
fn an_origin_is_kept_as_browsers_send_it() {
    assert_eq!(
        origins("HTTPS://App.Example.com\nhttps://app.example.com:443/\nhttps://a.example:8443"),
        Ok(list(&["https://app.example.com", "https://a.example:8443"]))
    );
    assert_eq!(
        origins("https://bücher.example"),
        Ok(list(&["https://xn--bcher-kva.example"]))
    );
    assert_eq!(
        origins("http://localhost:3000\nhttp://127.0.0.1\nhttp://[::1]:80"),
        Ok(list(&[
            "http://localhost:3000",
            "http://127.0.0.1",
            "http://[::1]"
        ]))
    );
}

#[test]
fn what_is_no_origin_is_refused() {
    for bad in [
        "app.example.com",
        "https://",
        "http://app.example.com",
        "http://localhost.evil.example",
        "https://app.example.com/shop",
        "https://app.example.com/?a",
        "https://app.example.com#a",
        "https://me@app.example.com",
        "https://me:x@app.example.com",
        "https://*.example.com",
        "ftp://app.example.com",
        "file:///etc",
        "data://x",
        "null",
        "javascript:alert(1)",
        "https://a b.example",
    ] {
        let said = origins(&format!("https://a.example\n{bad}")).expect_err(bad);
        assert!(said.starts_with("Line 2: "), "{bad}: {said}");
    }
    assert_eq!(
        origins("https://App.example.com/shop"),
        Err(
            "Line 1: “https://App.example.com/shop” is more than an origin. Browsers send \
             https://app.example.com for it: enter that."
                .to_owned()
        )
    );
}
