drop table invitation_workspaces;
drop table invitations;
