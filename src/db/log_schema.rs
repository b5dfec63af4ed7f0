//! The request log's tables. Declared by hand because they have no primary key, which `print-schema`
//! refuses; the pair named here is unique in fact, and kept so by the spool's cursor.

diesel::table! {
    request_log (at, request_id) {
        at -> Timestamptz,
        account_id -> Int4,
        workspace_id -> Int4,
        path_id -> Int4,
        agent_id -> Int4,
        name_id -> Int4,
        credits -> Int4,
        duration_us -> Nullable<Int4>,
        status -> Nullable<Int2>,
        code -> Int2,
        method -> Int2,
        surface -> Int2,
        generation -> Int2,
        key_id -> Text,
        request_id -> Text,
        ip -> Nullable<Inet>,
    }
}

diesel::table! {
    request_details (at, request_id) {
        at -> Timestamptz,
        account_id -> Int4,
        request_id -> Text,
        detail_id -> Int4,
    }
}

use crate::db::schema::log_texts;

diesel::allow_tables_to_appear_in_same_query!(request_log, log_texts);
