use std::io::BufReader;
use std::io::Read;

use diesel::data_types::PgTimestamp;
use proptest::prelude::*;

use super::*;

type Row = (Option<i32>, String, Vec<Option<String>>, Option<i64>);

const COLUMNS: i16 = 4;

/// As the documentation of PostgreSQL has it.
fn copy_of(rows: &[Row]) -> Vec<u8> {
    let mut copy = [SIGNATURE, &[0; 8]].concat();
    let field = |copy: &mut Vec<u8>, bytes: Option<&[u8]>| {
        let length = bytes.map_or(-1, |bytes| i32::try_from(bytes.len()).unwrap());
        copy.extend(length.to_be_bytes());
        copy.extend(bytes.unwrap_or_default());
    };
    for (number, text, texts, time) in rows {
        copy.extend(COLUMNS.to_be_bytes());
        field(
            &mut copy,
            number
                .map(i32::to_be_bytes)
                .as_ref()
                .map(|number| &number[..]),
        );
        field(&mut copy, Some(text.as_bytes()));
        let mut array = Vec::new();
        for word in [i32::from(!texts.is_empty()), 0, 25] {
            array.extend(word.to_be_bytes());
        }
        if !texts.is_empty() {
            array.extend(i32::try_from(texts.len()).unwrap().to_be_bytes());
            array.extend(1_i32.to_be_bytes());
        }
        for text in texts {
            field(&mut array, text.as_deref().map(str::as_bytes));
        }
        field(&mut copy, Some(&array));
        field(
            &mut copy,
            time.map(i64::to_be_bytes).as_ref().map(|time| &time[..]),
        );
    }
    copy.extend(TRAILER.to_be_bytes());
    copy
}

fn rows_of(copy: impl BufRead) -> Result<Vec<Row>, Garbled> {
    let mut rows = Vec::new();
    each_row(copy, COLUMNS, |fields| {
        let number = fields.read()?;
        let text: &str = fields.read()?;
        let texts: Texts<'_> = fields.read()?;
        let time: Option<PgTimestamp> = fields.read()?;
        let texts = texts.iter().map(|text| Some(text.to_owned())).collect();
        rows.push((
            number,
            text.to_owned(),
            texts,
            time.map(|PgTimestamp(time)| time),
        ));
        Ok(())
    })?;
    Ok(rows)
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let texts = prop::collection::vec(any::<Option<String>>(), 0..4);
    prop::collection::vec(
        (
            any::<Option<i32>>(),
            any::<String>(),
            texts,
            any::<Option<i64>>(),
        ),
        0..8,
    )
}

proptest! {
    #[test]
    fn what_was_sent_is_read_and_nulls_in_lists_are_passed_over(sent in rows()) {
        let read = rows_of(&copy_of(&sent)[..]);
        let expected = sent.into_iter().map(|(number, text, mut texts, time)| {
            texts.retain(Option::is_some);
            (number, text, texts, time)
        });
        prop_assert_eq!(read, Ok(expected.collect()));
    }

    #[test]
    fn a_copy_that_is_cut_off_anywhere_is_no_copy(sent in rows(), cut in any::<prop::sample::Index>()) {
        let copy = copy_of(&sent);
        prop_assert_eq!(rows_of(&copy[..cut.index(copy.len())]), Err(Garbled));
    }

    #[test]
    fn no_bytes_do_any_harm(sent in rows(), place in any::<prop::sample::Index>(), byte: u8) {
        let mut copy = copy_of(&sent);
        let place = place.index(copy.len());
        copy[place] = byte;
        let _ = rows_of(&copy[..]);
    }
}

#[test]
fn the_header_may_come_alone() {
    let rows = vec![(Some(7), "seven".to_owned(), Vec::new(), None)];
    let copy = copy_of(&rows);
    let header = SIGNATURE.len() + 8;
    let alone = BufReader::with_capacity(copy.len(), (&copy[..header]).chain(&copy[header..]));
    assert_eq!(rows_of(alone), Ok(rows));
}

#[test]
fn another_number_of_columns_is_another_copy() {
    let copy = copy_of(&[(None, String::new(), Vec::new(), None)]);
    assert_eq!(each_row(&copy[..], 3, |_| Ok(())), Err(Garbled));
}
