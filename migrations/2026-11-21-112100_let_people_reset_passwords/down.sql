delete from one_time_links where purpose = 'reset-password';
alter table one_time_links
    drop constraint one_time_links_purpose_known,
    add constraint one_time_links_purpose_known check (purpose in ('setup', 'set-password'));
