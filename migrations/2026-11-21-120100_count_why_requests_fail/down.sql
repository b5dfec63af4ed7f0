drop table request_details;
drop table outcomes_hourly;
delete from log_texts where kind = 4;
alter table log_texts drop constraint log_texts_kind_known;
alter table log_texts add constraint log_texts_kind_known check (kind in (1, 2, 3));
comment on column log_texts.kind is '1 path, 2 user agent, 3 key name';
