delete from pending_sign_ins where confirms is not null or invitation is not null;
alter table pending_sign_ins
    drop constraint pending_sign_ins_purpose,
    drop column confirms,
    drop column invitation,
    add constraint pending_sign_ins_purpose check ((domain is null) <> (user_id is null));
