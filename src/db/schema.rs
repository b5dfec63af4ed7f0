// @generated automatically by Diesel CLI.

diesel::table! {
    accounts (id) {
        id -> Int4,
        public_id -> Text,
        domain -> Text,
        customer_id -> Text,
        name -> Text,
        plan -> Text,
        error_profile -> Text,
        suspended_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        refused_credentials -> Array<Nullable<Text>>,
        log_retention_days -> Nullable<Int2>,
        support_asks -> Bool,
    }
}

diesel::table! {
    api_keys (account_id, id) {
        account_id -> Int4,
        id -> Text,
        workspace_id -> Int4,
        name -> Text,
        name_folded -> Text,
        category -> Text,
        note -> Text,
        preset -> Text,
        preset_version -> Int4,
        created_by -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        disabled_at -> Nullable<Timestamptz>,
        disabled_by -> Nullable<Uuid>,
        revoked_at -> Nullable<Timestamptz>,
        revoked_by -> Nullable<Text>,
        revoked_reason -> Nullable<Text>,
        operation -> Uuid,
        version -> Int4,
        first_used_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        last_used_ip -> Nullable<Inet>,
        permissions -> Array<Nullable<Text>>,
        resources -> Array<Nullable<Text>>,
        allowed_ips -> Array<Nullable<Text>>,
        allowed_origins -> Array<Nullable<Text>>,
        requests_30d -> Int8,
        few_permissions -> Array<Nullable<Text>>,
        service -> Bool,
        handed_to -> Nullable<Uuid>,
        owner_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    audit_log (id) {
        id -> Int8,
        account_id -> Nullable<Int4>,
        workspace_id -> Nullable<Int4>,
        at -> Timestamptz,
        actor_kind -> Text,
        actor_id -> Text,
        actor_label -> Text,
        action -> Text,
        target_kind -> Text,
        target_id -> Text,
        target_label -> Text,
        before -> Nullable<Jsonb>,
        after -> Nullable<Jsonb>,
        reason -> Nullable<Text>,
        ip -> Nullable<Inet>,
        request_id -> Nullable<Text>,
        public_id -> Uuid,
        actor_salt -> Nullable<Uuid>,
        actor_digest -> Nullable<Bytea>,
        target_salt -> Nullable<Uuid>,
        target_digest -> Nullable<Bytea>,
        facts_salt -> Nullable<Uuid>,
        facts_digest -> Nullable<Bytea>,
    }
}

diesel::table! {
    audit_erasures (entry, part) {
        entry -> Int8,
        part -> Text,
        erasure -> Uuid,
    }
}

diesel::table! {
    audit_links (chain, seq) {
        chain -> Int4,
        seq -> Int8,
        entry -> Int8,
        hash -> Bytea,
    }
}

diesel::table! {
    catalogue_versions (version) {
        version -> Int4,
        document -> Text,
        applied_at -> Timestamptz,
        applied_by -> Text,
    }
}

diesel::table! {
    failed_attempts (minute, address) {
        minute -> Timestamptz,
        address -> Inet,
        attempts -> Int8,
    }
}

diesel::table! {
    identities (id) {
        id -> Uuid,
        user_id -> Uuid,
        provider -> Text,
        issuer -> Text,
        subject -> Text,
        email -> Nullable<Text>,
        linked_at -> Timestamptz,
        last_used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    invitation_workspaces (account_id, invitation_id, workspace_id) {
        account_id -> Int4,
        invitation_id -> Uuid,
        workspace_id -> Int4,
        role -> Text,
    }
}

diesel::table! {
    invitations (account_id, id) {
        account_id -> Int4,
        id -> Uuid,
        email -> Text,
        email_folded -> Text,
        role -> Text,
        token_digest -> Bytea,
        invited_by -> Uuid,
        created_at -> Timestamptz,
        sent_at -> Timestamptz,
        expires_at -> Timestamptz,
        accepted_at -> Nullable<Timestamptz>,
        withdrawn_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    ip_blocks (network, scope, node) {
        scope -> Text,
        network -> Inet,
        node -> Uuid,
        since -> Timestamptz,
        until -> Timestamptz,
        strikes -> Int2,
        lifted_at -> Nullable<Timestamptz>,
        subject -> Text,
    }
}

diesel::table! {
    key_changes (seq) {
        seq -> Int8,
        kind -> Text,
        account_id -> Nullable<Int4>,
        subject -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    key_limits (account_id, key_id) {
        account_id -> Int4,
        key_id -> Text,
        total -> Nullable<Int8>,
        daily -> Nullable<Int8>,
        weekly -> Nullable<Int8>,
        monthly -> Nullable<Int8>,
    }
}

diesel::table! {
    key_policies (account_id, workspace_id) {
        account_id -> Int4,
        workspace_id -> Int4,
        longest_life -> Nullable<Int4>,
        default_expiry -> Nullable<Text>,
        scopes -> Array<Nullable<Text>>,
        creators -> Text,
        version -> Int4,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    key_secrets (account_id, key_id, generation) {
        account_id -> Int4,
        key_id -> Text,
        generation -> Int2,
        digest -> Bytea,
        pepper_version -> Int2,
        last_four -> Text,
        created_at -> Timestamptz,
        retires_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        requests -> Int8,
        operation -> Nullable<Uuid>,
        extended_at -> Nullable<Timestamptz>,
        requests_before -> Nullable<Int8>,
        warned_of -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    limit_buckets (account_id, subject, span, frees_at) {
        account_id -> Int4,
        subject -> Text,
        span -> Int2,
        frees_at -> Timestamptz,
        amount -> Int8,
    }
}

diesel::table! {
    limit_counters (account_id, subject, span) {
        account_id -> Int4,
        subject -> Text,
        span -> Int2,
        used -> Int8,
    }
}

diesel::table! {
    log_gaps (id) {
        id -> Int4,
        spool_id -> Uuid,
        from_at -> Timestamptz,
        to_at -> Timestamptz,
        records -> Int8,
    }
}

diesel::table! {
    log_texts (id) {
        id -> Int4,
        kind -> Int2,
        value -> Text,
        seen_on -> Date,
    }
}

diesel::table! {
    memberships (account_id, user_id) {
        account_id -> Int4,
        user_id -> Uuid,
        role -> Text,
        created_at -> Timestamptz,
        last_active_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    meter_usage_daily (account_id, meter, day, workspace_id, source) {
        account_id -> Int4,
        workspace_id -> Int4,
        meter -> Text,
        day -> Date,
        source -> Text,
        amount -> Int8,
    }
}

diesel::table! {
    meters (slug) {
        slug -> Text,
        label -> Text,
        kind -> Text,
    }
}

diesel::table! {
    nodes (id) {
        id -> Uuid,
        name -> Text,
        version -> Text,
        started_at -> Timestamptz,
        heartbeat_at -> Timestamptz,
        applied_seq -> Int8,
        lease_ms -> Int4,
        loading -> Bool,
        keys -> Int8,
        unreadable -> Int8,
        unreadable_keys -> Jsonb,
        spool_bytes -> Int8,
        spool_since -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    one_time_links (token_digest) {
        token_digest -> Bytea,
        purpose -> Text,
        user_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    pending_sign_ins (state_digest) {
        state_digest -> Bytea,
        browser_digest -> Bytea,
        provider -> Text,
        domain -> Nullable<Text>,
        user_id -> Nullable<Uuid>,
        next -> Text,
        address -> Text,
        created_at -> Timestamptz,
        confirms -> Nullable<Uuid>,
        invitation -> Nullable<Bytea>,
    }
}

diesel::table! {
    permission_uses (account_id, key_id, permission) {
        account_id -> Int4,
        key_id -> Text,
        permission -> Text,
        first_day -> Date,
        last_day -> Date,
    }
}

diesel::table! {
    plan_meters (plan, meter) {
        plan -> Text,
        meter -> Text,
        amount -> Int8,
    }
}

diesel::table! {
    plans (slug) {
        slug -> Text,
        name -> Text,
        per_second -> Nullable<Int8>,
        per_minute -> Nullable<Int8>,
        offered -> Bool,
        position -> Int2,
    }
}

diesel::table! {
    presets (slug, version) {
        slug -> Text,
        version -> Int4,
        label -> Text,
        summary -> Text,
        permissions -> Array<Nullable<Text>>,
        created_at -> Timestamptz,
        cannot -> Text,
        offered -> Bool,
        position -> Int2,
    }
}

diesel::table! {
    recovery_codes (user_id, code_digest) {
        user_id -> Uuid,
        code_digest -> Bytea,
        created_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    second_factors (user_id) {
        user_id -> Uuid,
        sealed_secret -> Bytea,
        last_step -> Int8,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    service_credentials (id) {
        id -> Text,
        name -> Text,
        digest -> Bytea,
        created_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        operation -> Nullable<Uuid>,
        last_used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    sessions (id_digest) {
        id_digest -> Bytea,
        user_id -> Nullable<Uuid>,
        state -> Jsonb,
        created_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        account_id -> Nullable<Int4>,
        confirmed_at -> Nullable<Timestamptz>,
        ip -> Nullable<Inet>,
        client -> Nullable<Text>,
        provider -> Nullable<Text>,
    }
}

diesel::table! {
    sign_in_failures (scope, subject) {
        scope -> Text,
        subject -> Text,
        failures -> Int4,
        first_failed_at -> Timestamptz,
        last_failed_at -> Timestamptz,
    }
}

diesel::table! {
    sign_in_rules (account_id) {
        account_id -> Int4,
        second_factor_required -> Bool,
        changed_at -> Timestamptz,
        required_provider -> Nullable<Text>,
    }
}

diesel::table! {
    spool_cursors (spool_id) {
        spool_id -> Uuid,
        segment -> Int8,
        position -> Int8,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    staff_grants (user_id) {
        user_id -> Uuid,
        role -> Text,
        created_at -> Timestamptz,
        last_active_at -> Nullable<Timestamptz>,
        is_lead -> Bool,
    }
}

diesel::table! {
    support_sessions (account_id, id) {
        account_id -> Int4,
        id -> Int8,
        public_id -> Text,
        user_id -> Uuid,
        staff_name -> Text,
        staff_email -> Text,
        ticket -> Text,
        reason -> Text,
        note -> Text,
        requested_at -> Timestamptz,
        opened_at -> Nullable<Timestamptz>,
        ends_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        declined_at -> Nullable<Timestamptz>,
        decided_by -> Nullable<Text>,
        renewals -> Int4,
        addresses_shown_at -> Nullable<Timestamptz>,
        keys_disabled -> Int4,
        disabled_key -> Nullable<Text>,
        disabled_key_name -> Nullable<Text>,
        disabled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    usage_daily (account_id, key_id, day) {
        account_id -> Int4,
        workspace_id -> Int4,
        key_id -> Text,
        day -> Date,
        requests -> Int8,
        failed -> Int8,
        credits -> Int8,
        latency -> Array<Int8>,
    }
}

diesel::table! {
    usage_events (account_id, event_id) {
        account_id -> Int4,
        event_id -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    outcomes_hourly (account_id, workspace_id, hour, key_id, outcome) {
        account_id -> Int4,
        workspace_id -> Int4,
        hour -> Timestamptz,
        key_id -> Text,
        outcome -> Int2,
        requests -> Int8,
    }
}

diesel::table! {
    usage_hourly (account_id, key_id, hour) {
        account_id -> Int4,
        workspace_id -> Int4,
        key_id -> Text,
        hour -> Timestamptz,
        requests -> Int8,
        failed -> Int8,
        credits -> Int8,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        email -> Text,
        email_folded -> Text,
        name -> Text,
        password_hash -> Nullable<Text>,
        created_at -> Timestamptz,
        disabled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    workspace_memberships (account_id, workspace_id, user_id) {
        account_id -> Int4,
        workspace_id -> Int4,
        user_id -> Uuid,
        role -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    workspace_usage_daily (account_id, workspace_id, day) {
        account_id -> Int4,
        workspace_id -> Int4,
        day -> Date,
        requests -> Int8,
        failed -> Int8,
        credits -> Int8,
        latency -> Array<Int8>,
    }
}

diesel::table! {
    workspaces (account_id, id) {
        account_id -> Int4,
        id -> Int4,
        public_id -> Text,
        slug -> Text,
        name -> Text,
        developers -> Bool,
        created_at -> Timestamptz,
        archived_at -> Nullable<Timestamptz>,
    }
}

diesel::joinable!(accounts -> plans (plan));
diesel::joinable!(audit_log -> accounts (account_id));
diesel::joinable!(identities -> users (user_id));
diesel::joinable!(invitations -> accounts (account_id));
diesel::joinable!(limit_counters -> accounts (account_id));
diesel::joinable!(memberships -> accounts (account_id));
diesel::joinable!(memberships -> users (user_id));
diesel::joinable!(one_time_links -> users (user_id));
diesel::joinable!(plan_meters -> meters (meter));
diesel::joinable!(plan_meters -> plans (plan));
diesel::joinable!(second_factors -> users (user_id));
diesel::joinable!(sessions -> accounts (account_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(sign_in_rules -> accounts (account_id));
diesel::joinable!(staff_grants -> users (user_id));
diesel::joinable!(support_sessions -> accounts (account_id));
diesel::joinable!(workspaces -> accounts (account_id));

diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    api_keys,
    audit_erasures,
    audit_links,
    audit_log,
    catalogue_versions,
    failed_attempts,
    identities,
    invitation_workspaces,
    invitations,
    ip_blocks,
    key_changes,
    key_limits,
    key_policies,
    key_secrets,
    limit_buckets,
    limit_counters,
    log_gaps,
    log_texts,
    memberships,
    meter_usage_daily,
    meters,
    nodes,
    one_time_links,
    outcomes_hourly,
    pending_sign_ins,
    permission_uses,
    plan_meters,
    plans,
    presets,
    recovery_codes,
    second_factors,
    service_credentials,
    sessions,
    sign_in_failures,
    sign_in_rules,
    spool_cursors,
    staff_grants,
    support_sessions,
    usage_daily,
    usage_events,
    usage_hourly,
    users,
    workspace_memberships,
    workspace_usage_daily,
    workspaces,
);
