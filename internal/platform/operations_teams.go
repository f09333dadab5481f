package platform

// The operations on an organisation's teams, and on who is in them with which roles.
// They name their team themselves.
const (
	OpListOrgMembers = "org/org-members/list-org-members"

	OpAddOrgRoleMember    = "org/org-roles/add-member-to-org-role"
	OpPutOrgRole          = "org/org-roles/create-or-update-org-role"
	OpCreateOrgRole       = "org/org-roles/create-org-role"
	OpDeleteOrgRole       = "org/org-roles/delete-org-role"
	OpGetOrgRole          = "org/org-roles/get-org-role"
	OpListDirectoryGroups = "org/org-roles/list-org-directory-groups"
	OpListGroupMembers    = "org/org-roles/list-directory-group-members"
	OpListOrgRoleMembers  = "org/org-roles/list-org-role-members"
	OpListOrgRoles        = "org/org-roles/list-org-roles"
	OpRemoveOrgRoleMember = "org/org-roles/remove-member-from-org-role"
	OpUpdateOrgRole       = "org/org-roles/update-org-role"

	OpCreateTeam = "org/teams/create-team"
	OpGetTeam    = "org/teams/get-team"
	OpListTeams  = "org/teams/list-teams"
	OpUpdateTeam = "org/teams/update-team"

	OpInviteTeamMember = "team/team-members/invite-team-member"
	OpListTeamMembers  = "team/team-members/list-team-members"
	OpRemoveTeamMember = "team/team-members/remove-team-member"

	OpAddTeamRoleMember    = "team/team-roles/add-member-to-team-role"
	OpPutTeamRole          = "team/team-roles/create-or-update-role"
	OpCreateTeamRole       = "team/team-roles/create-team-role"
	OpDeleteTeamRole       = "team/team-roles/delete-team-role"
	OpGetTeamRole          = "team/team-roles/get-team-role"
	OpListTeamRoleMembers  = "team/team-roles/list-team-role-members"
	OpListTeamRoles        = "team/team-roles/list-team-roles"
	OpRemoveTeamRoleMember = "team/team-roles/remove-member-from-team-role"
	OpUpdateTeamRole       = "team/team-roles/update-team-role"
)
