-- A link that a person asked for. It does not take the place of one that an admin made.
alter table one_time_links
    drop constraint one_time_links_purpose_known,
    add constraint one_time_links_purpose_known
        check (purpose in ('setup', 'set-password', 'reset-password'));
