-- What is counted against limits. A subject is a key (by its id), the account's 'rate', or a meter
-- of its plan, 'meter:imports'. A span is a window in which it is counted:
--   1 total · 2 daily · 3 weekly · 4 monthly (of keys, rolling)
--   5 second · 6 minute (of rates, rolling)
--   7 calendar month, UTC · 8 level (of meters)
-- Nodes admit nothing that is not added here before: they take units in advance and spend them.
create table limit_counters (
    account_id integer not null constraint limit_counters_account_fkey references accounts (id),
    subject text not null constraint limit_counters_subject_length check (length(subject) between 1 and 64),
    span smallint not null constraint limit_counters_span_known check (span between 1 and 8),
    -- The sum of its buckets; of a total and of a level, which have none, the number itself.
    used bigint not null default 0 constraint limit_counters_used_positive check (used >= 0),
    constraint limit_counters_pkey primary key (account_id, subject, span)
) with (fillfactor = 50);

-- What was taken in [s, s + B), all of it counted until the last moment of that is older than the
-- window W: until s + B + W.
create table limit_buckets (
    account_id integer not null,
    subject text not null,
    span smallint not null,
    frees_at timestamptz not null,
    amount bigint not null constraint limit_buckets_amount_positive check (amount > 0),
    constraint limit_buckets_pkey primary key (account_id, subject, span, frees_at),
    constraint limit_buckets_counter_fkey foreign key (account_id, subject, span)
        references limit_counters (account_id, subject, span) on delete cascade
) with (fillfactor = 70);
create index limit_buckets_frees_at_idx on limit_buckets (frees_at);

-- The caps of a subject as they are now; a span without a row has none.
create function limit_caps(p_account integer, p_subject text)
returns table (span smallint, cap bigint) language sql stable as $$
    select of_key.span::smallint, of_key.cap
      from key_limits k
     cross join lateral (values (1, k.total), (2, k.daily), (3, k.weekly), (4, k.monthly))
           as of_key (span, cap)
     where k.account_id = p_account and k.key_id = p_subject and of_key.cap is not null
     union all
    select of_rate.span::smallint, of_rate.cap
      from accounts a join plans p on p.slug = a.plan
     cross join lateral (values (5, p.per_second), (6, p.per_minute)) as of_rate (span, cap)
     where p_subject = 'rate' and a.id = p_account and of_rate.cap is not null
     union all
    select case m.kind when 'period' then 7 else 8 end::smallint, pm.amount
      from accounts a
      join plan_meters pm on pm.plan = a.plan and pm.meter = substr(p_subject, 7)
      join meters m on m.slug = pm.meter
     where p_subject like 'meter:%' and a.id = p_account
$$;

-- When the bucket of `p_span` that holds `p_at` frees; null where nothing ever does. Hours, not
-- days: a day has 23 of them where clocks are put forward.
create function limit_frees_at(p_span smallint, p_at timestamptz)
returns timestamptz language sql stable as $$
    select case p_span
        when 2 then date_bin('1 minute', p_at, 'epoch') + interval '24 hours 1 minute'
        when 3 then date_bin('10 minutes', p_at, 'epoch') + interval '168 hours 10 minutes'
        when 4 then date_bin('1 hour', p_at, 'epoch') + interval '721 hours'
        when 5 then date_bin('100 milliseconds', p_at, 'epoch') + interval '1.1 seconds'
        when 6 then date_bin('1 second', p_at, 'epoch') + interval '61 seconds'
        when 7 then (date_trunc('month', p_at at time zone 'UTC') + interval '1 month') at time zone 'UTC'
    end
$$;

-- Locks the counters of a subject, makes those of `p_spans` that are missing, and takes off what
-- has freed. Everything that counts comes through here first, and whoever locks several subjects
-- does it in the order of account and subject. The time is read under the lock.
create function lock_limits(p_account integer, p_subject text, p_spans smallint[], p_now timestamptz)
returns timestamptz language plpgsql as $$
declare
    v_now timestamptz;
    v_locked integer;
begin
    loop
        select count(*) into v_locked from (
            select c.span from limit_counters c
             where c.account_id = p_account and c.subject = p_subject
             order by c.span for update) locked
         where locked.span = any (p_spans);
        exit when v_locked = cardinality(p_spans);
        insert into limit_counters (account_id, subject, span)
        select p_account, p_subject, span from unnest(p_spans) as span
        order by span
        on conflict do nothing;
    end loop;
    v_now := coalesce(p_now, clock_timestamp());
    with freed as (
        delete from limit_buckets b
         where b.account_id = p_account and b.subject = p_subject and b.frees_at <= v_now
        returning b.span, b.amount
    )
    update limit_counters c set used = greatest(0, c.used - sums.amount)
      from (select span, sum(amount)::bigint as amount from freed group by span) sums
     where c.account_id = p_account and c.subject = p_subject and c.span = sums.span;
    return v_now;
end
$$;

-- Adds `p_amount` to the buckets of `p_spans` that hold `p_at`, and to their counters, which are
-- locked. Takes off what is below 0, but never what is not there.
create function add_to_limits(
    p_account integer, p_subject text, p_spans smallint[], p_at timestamptz, p_amount bigint)
returns void language plpgsql as $$
begin
    if p_amount > 0 then
        insert into limit_buckets as old (account_id, subject, span, frees_at, amount)
        select p_account, p_subject, span, limit_frees_at(span, p_at), p_amount
          from unnest(p_spans) as span where limit_frees_at(span, p_at) is not null
        on conflict on constraint limit_buckets_pkey do update set amount = old.amount + excluded.amount;
        update limit_counters c set used = c.used + p_amount
         where c.account_id = p_account and c.subject = p_subject and c.span = any (p_spans);
    elsif p_amount < 0 then
        with gone as (
            delete from limit_buckets b
             where b.account_id = p_account and b.subject = p_subject and b.span = any (p_spans)
               and b.frees_at = limit_frees_at(b.span, p_at) and b.amount <= -p_amount
            returning b.span, b.amount
        ), less as (
            update limit_buckets b set amount = b.amount + p_amount
             where b.account_id = p_account and b.subject = p_subject and b.span = any (p_spans)
               and b.frees_at = limit_frees_at(b.span, p_at) and b.amount > -p_amount
            returning b.span, -p_amount as amount
        ), taken_off as (
            select * from gone union all select * from less union all
            select span, -p_amount from unnest(p_spans) as span where limit_frees_at(span, p_at) is null
        )
        update limit_counters c set used = greatest(0, c.used - taken_off.amount)
          from taken_off
         where c.account_id = p_account and c.subject = p_subject and c.span = taken_off.span;
    end if;
end
$$;

-- Takes units in advance for many subjects. Of each ask: `needed` is the least that is of use,
-- `wanted` what would be welcome; near a cap no more than needed is given, so that little lies
-- unused on other nodes. A subject without a cap is given what it wants, and nothing is counted.
-- A lease may be spent for `ends_in` microseconds: to the end of the bin `bin`, which never reaches
-- beyond the buckets that count it. Rates per second are taken one bin ahead, because an answer may
-- come later than the end of the current one.
create function take_leases(
    p_accounts integer[], p_subjects text[], p_needed bigint[], p_wanted bigint[],
    p_now timestamptz default null)
returns table (
    place integer, granted bigint, bin timestamptz, ends_in bigint,
    spans smallint[], caps bigint[], used bigint[], frees_in bigint[])
language plpgsql as $$
#variable_conflict use_column
declare
    v_ask record;
    v_nodes bigint;
    v_now timestamptz;
    v_room bigint;
    v_length interval;
    v_spans smallint[];
    v_caps bigint[];
begin
    select greatest(1, count(*)) into v_nodes from nodes n
     where n.heartbeat_at + n.lease_ms * interval '1 millisecond' > clock_timestamp();
    for v_ask in
        select * from unnest(p_accounts, p_subjects, p_needed, p_wanted)
            with ordinality as ask (account, subject, needed, wanted, place)
        order by account, subject collate "C"
    loop
        select coalesce(array_agg(c.span order by c.span), '{}'),
               coalesce(array_agg(c.cap order by c.span), '{}')
          into v_spans, v_caps
          from limit_caps(v_ask.account, v_ask.subject) c;
        v_now := lock_limits(v_ask.account, v_ask.subject, v_spans, p_now);

        v_length := case when v_ask.subject <> 'rate' then interval '1 minute'
            when 5 = any (v_spans) then interval '100 milliseconds' else interval '1 second' end;
        bin := date_bin(v_length, v_now, 'epoch');
        if 5 = any (v_spans) then
            bin := bin + v_length;
        end if;
        ends_in := extract(epoch from bin + v_length - v_now) * 1000000;

        select min(cap.cap - c.used) into v_room
          from unnest(v_spans, v_caps) as cap (span, cap)
          join limit_counters c on c.account_id = v_ask.account and c.subject = v_ask.subject
               and c.span = cap.span;
        granted := case
            when v_room is null then greatest(v_ask.needed, v_ask.wanted)
            when v_room < v_ask.needed then 0
            else greatest(v_ask.needed, least(v_ask.wanted, v_room / (2 * v_nodes)), 0) end;
        if granted > 0 then
            perform add_to_limits(v_ask.account, v_ask.subject, v_spans, bin, granted);
        end if;

        select coalesce(array_agg(c.used order by c.span), '{}'),
               coalesce(array_agg((select extract(epoch from min(b.frees_at) - v_now) * 1000000
                                     from limit_buckets b
                                    where b.account_id = c.account_id and b.subject = c.subject
                                      and b.span = c.span)::bigint order by c.span), '{}')
          into used, frees_in
          from limit_counters c
         where c.account_id = v_ask.account and c.subject = v_ask.subject
           and c.span = any (v_spans);
        place := v_ask.place;
        spans := v_spans;
        caps := v_caps;
        return next;
    end loop;
end
$$;

-- Gives back what was taken in `bins` and will not be spent. What has freed since is not taken off
-- a second time.
create function give_back_leases(
    p_accounts integer[], p_subjects text[], p_spans integer[], p_bins timestamptz[],
    p_amounts bigint[], p_now timestamptz default null)
returns void language plpgsql as $$
declare
    v_lease record;
    v_spans smallint[];
begin
    for v_lease in
        select * from unnest(p_accounts, p_subjects, p_spans, p_bins, p_amounts)
            as lease (account, subject, spans, bin, amount)
        order by account, subject collate "C"
    loop
        -- A bit for each span. Only those that were charged, whatever is capped by now.
        v_spans := array(select span::smallint from generate_series(1, 8) as span
                          where v_lease.spans & (1 << span) <> 0);
        perform lock_limits(v_lease.account, v_lease.subject, v_spans, p_now);
        perform add_to_limits(v_lease.account, v_lease.subject, v_spans, v_lease.bin, -v_lease.amount);
    end loop;
end
$$;

-- Adds what has happened, whether there is room or not; takes off what is below 0. Of a month that
-- is over nothing is counted any more. A meter is counted also where no plan caps it.
create function add_usage(
    p_accounts integer[], p_subjects text[], p_amounts bigint[], p_ats timestamptz[],
    p_now timestamptz default null)
returns void language plpgsql as $$
declare
    v_event record;
    v_spans smallint[];
    v_now timestamptz;
begin
    for v_event in
        select account, subject, at, sum(amount)::bigint as amount
          from unnest(p_accounts, p_subjects, p_amounts, p_ats) as event (account, subject, amount, at)
        group by account, subject, at
        order by account, subject collate "C", at
    loop
        if v_event.subject like 'meter:%' then
            v_spans := array(select case m.kind when 'period' then 7 else 8 end::smallint
                               from meters m where m.slug = substr(v_event.subject, 7));
        else
            v_spans := array(select c.span from limit_caps(v_event.account, v_event.subject) c order by 1);
        end if;
        v_now := lock_limits(v_event.account, v_event.subject, v_spans, p_now);
        v_spans := array(select span from unnest(v_spans) as span
                          where coalesce(limit_frees_at(span, v_event.at) > v_now, true));
        perform add_to_limits(v_event.account, v_event.subject, v_spans, v_event.at, v_event.amount);
    end loop;
end
$$;

-- What is used of each subject, without touching it. Meters that are counted and not capped have
-- no cap.
create function limit_states(p_account integer, p_subjects text[], p_now timestamptz default null)
returns table (subject text, span smallint, cap bigint, used bigint, frees_in bigint)
language sql stable as $$
    select asked.subject, counted.span, max(counted.cap),
           greatest(0, coalesce(max(c.used), 0) - coalesce(max(freed.amount), 0))::bigint,
           (extract(epoch from max(room.frees_at) - max(clock.now)) * 1000000)::bigint
      from (select coalesce(p_now, clock_timestamp()) as now) clock
     cross join unnest(p_subjects) as asked (subject)
     cross join lateral (
            select caps.span, caps.cap from limit_caps(p_account, asked.subject) caps
            union all
            select k.span, null from limit_counters k
             where k.account_id = p_account and k.subject = asked.subject and k.span >= 7) counted
      left join limit_counters c on c.account_id = p_account and c.subject = asked.subject
           and c.span = counted.span
     cross join lateral (
            select sum(b.amount)::bigint as amount from limit_buckets b
             where b.account_id = p_account and b.subject = asked.subject
               and b.span = counted.span and b.frees_at <= clock.now) freed
     cross join lateral (
            select min(b.frees_at) as frees_at from limit_buckets b
             where b.account_id = p_account and b.subject = asked.subject
               and b.span = counted.span and b.frees_at > clock.now) room
     group by asked.subject, counted.span
     order by asked.subject, counted.span
$$;

-- Takes off what has freed of at most `p_subjects_max` subjects that nobody asks for any more, and
-- forgets counters that stand at nothing or whose key is gone. The number of rows that went.
create function sweep_limits(p_subjects_max integer, p_now timestamptz default null)
returns bigint language plpgsql as $$
declare
    v_idle record;
    v_rows bigint;
    v_now timestamptz := coalesce(p_now, clock_timestamp());
    v_removed bigint := 0;
begin
    for v_idle in
        select account_id, subject, count(*) as buckets from (
            select b.account_id, b.subject from limit_buckets b
             where b.frees_at <= v_now order by b.frees_at limit p_subjects_max) old
        group by account_id, subject order by account_id, subject collate "C"
    loop
        perform lock_limits(v_idle.account_id, v_idle.subject, '{}', p_now);
        v_removed := v_removed + v_idle.buckets;
    end loop;
    with idle as (
        select c.account_id, c.subject, c.span from limit_counters c
         where (c.used = 0 and not exists (
                    select from limit_buckets b where b.account_id = c.account_id
                       and b.subject = c.subject and b.span = c.span))
            or (c.span <= 4 and not exists (
                    select from api_keys k where k.account_id = c.account_id and k.id = c.subject))
         order by c.account_id, c.subject collate "C", c.span
         limit p_subjects_max
           for update skip locked
    )
    delete from limit_counters c using idle
     where (c.account_id, c.subject, c.span) = (idle.account_id, idle.subject, idle.span)
       and (c.used = 0 or idle.span <= 4);
    get diagnostics v_rows = row_count;
    return v_removed + v_rows;
end
$$;
