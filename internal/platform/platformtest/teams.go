package platformtest

import (
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// testTeams: teams with their members and roles, and the organisation's.
func testTeams(t *testing.T, w *world) {
	team := func(more ...string) map[string]string {
		path := map[string]string{"teamId": "night-shift"}
		for i := 0; i < len(more); i += 2 {
			path[more[i]] = more[i+1]
		}
		return path
	}
	t.Run("Teams", func(t *testing.T) {
		made := w.do(t, platform.OpCreateTeam, nil, nil, `{"name": "Night Shift", "email": "night@example.com", "description": "Those awake"}`)
		has(t, made, "id", "night-shift", "name", "Night Shift", "email", nil)
		_, err := w.try(platform.OpCreateTeam, nil, nil, `{"name": "Night Shift", "email": "other@example.com"}`)
		refusal(t, err, 409, "night-shift")
		for body, fault := range map[string]string{
			`{"name": "Day Shift"}`: "email", `{"name": "Day Shift", "email": "nobody"}`: "email", `{"name": "1st", "email": "a@example.com"}`: "name",
		} {
			_, err := w.try(platform.OpCreateTeam, nil, nil, body)
			refusal(t, err, 400, fault)
		}
		w.do(t, platform.OpUpdateTeam, team(), nil, `{"description": "Those asleep"}`)
		has(t, w.do(t, platform.OpGetTeam, team(), nil, ""), "description", "Those asleep", "name", "Night Shift")
		w.do(t, platform.OpCreateTeam, nil, nil, `{"name": "Day Shift", "email": "day@example.com"}`)
		has(t, w.do(t, platform.OpListTeams, nil, map[string]string{"per_page": "1"}, ""), "teams.0.id", "night-shift", "teams.1", nil)
		_, err = w.try(platform.OpGetTeam, map[string]string{"teamId": "nobodys"}, nil, "")
		refusal(t, err, 404, "nobodys")
	})
	t.Run("Roles of a team", func(t *testing.T) {
		const deployer = `{"name": "Deployer", "description": "May deploy", "permissions": {"projectScope": ["Project > Services > General > Update"]},
			"restrictions": {"enabled": true, "projects": ["shop"], "restrictionMode": "in"}}`
		w.do(t, platform.OpCreateTeamRole, team(), nil, deployer)
		_, err := w.try(platform.OpCreateTeamRole, team(), nil, deployer)
		refusal(t, err, 409, "deployer")
		w.do(t, platform.OpPutTeamRole, team(), nil, strings.Replace(deployer, "May deploy", "Deploys", 1))
		role := team("roleId", "deployer")
		has(t, w.do(t, platform.OpGetTeamRole, role, nil, ""), "description", "Deploys", "permissions.projectScope.0", "Project > Services > General > Update")
		w.do(t, platform.OpUpdateTeamRole, role, nil, `{"restrictions": {"restrictionMode": "notIn"}}`)
		has(t, w.do(t, platform.OpListTeamRoles, team(), nil, ""), "roles.0.id", "deployer", "roles.0.restrictions.restrictionMode", "notIn", "roles.0.permissions", nil)
		for body, fault := range map[string]string{
			`{"permissions": {"teamScope": "all"}}`: "permissions.teamScope", `{"restrictions": {"enabled": "sometimes"}}`: "restrictions.enabled",
			`{"restrictions": {"restrictionMode": "near"}}`: "restrictions.restrictionMode", `{"restrictions": {"projects": ["no project"]}}`: "restrictions.projects.0",
		} {
			_, err := w.try(platform.OpUpdateTeamRole, role, nil, body)
			refusal(t, err, 400, fault)
		}
		_, err = w.try(platform.OpCreateTeamRole, map[string]string{"teamId": "nobodys"}, nil, deployer)
		refusal(t, err, 404, "nobodys")
	})
	t.Run("Members", func(t *testing.T) {
		w.do(t, platform.OpInviteTeamMember, team(), nil, `{"email": "Ann@example.com", "roles": ["deployer"]}`)
		_, err := w.try(platform.OpInviteTeamMember, team(), nil, `{"email": "ann@example.com"}`)
		refusal(t, err, 409, "ann@example.com")
		_, err = w.try(platform.OpInviteTeamMember, team(), nil, `{"email": "bob@example.com", "roles": ["captain"]}`)
		refusal(t, err, 404, "roles.0", "captain")
		_, err = w.try(platform.OpInviteTeamMember, team(), nil, `{"email": "bob"}`)
		refusal(t, err, 400, "email")
		w.do(t, platform.OpInviteTeamMember, team(), nil, `{"email": "bob@example.com"}`)
		w.do(t, platform.OpInviteTeamMember, map[string]string{"teamId": "day-shift"}, nil, `{"email": "ann@example.com"}`)

		members := w.do(t, platform.OpListTeamMembers, team(), nil, "")
		has(t, members, "members.0.emails.0.address", "ann@example.com", "members.0.finalized", false, "members.2", nil)
		ann, bob := jsonvalue.String(members, "members.0.id"), jsonvalue.String(members, "members.1.id")
		has(t, w.do(t, platform.OpListOrgMembers, nil, nil, ""), "members.0.id", ann, "members.1.id", bob, "members.2", nil)

		role := team("roleId", "deployer")
		has(t, w.do(t, platform.OpListTeamRoleMembers, role, nil, ""), "members.0.id", ann, "members.1", nil)
		w.do(t, platform.OpAddTeamRoleMember, role, nil, `{"userId": "`+bob+`"}`)
		w.do(t, platform.OpAddTeamRoleMember, role, nil, `{"userId": "`+bob+`"}`)
		has(t, w.do(t, platform.OpListTeamRoleMembers, role, map[string]string{"userIds": bob + ",nobody"}, ""), "members.0.id", bob, "members.1", nil)
		_, err = w.try(platform.OpAddTeamRoleMember, role, nil, `{"userId": "nobody"}`)
		refusal(t, err, 404, "userId")
		w.do(t, platform.OpRemoveTeamRoleMember, team("roleId", "deployer", "memberId", bob), nil, "")
		_, err = w.try(platform.OpRemoveTeamRoleMember, team("roleId", "deployer", "memberId", bob), nil, "")
		refusal(t, err, 404, bob)

		w.do(t, platform.OpCreateOrgRole, nil, nil, `{"name": "Auditor", "permissions": {"orgScope": ["Organisation > Billing > Read"]},
			"restrictions": {"enabled": true, "teams": [{"teamId": "night-shift", "restrictions": {"enabled": false}}]}}`)
		w.do(t, platform.OpPutOrgRole, nil, nil, `{"name": "Auditor", "description": "Reads"}`)
		org := map[string]string{"roleId": "auditor"}
		w.do(t, platform.OpUpdateOrgRole, org, nil, `{"description": "Reads bills"}`)
		has(t, w.do(t, platform.OpGetOrgRole, org, nil, ""), "description", "Reads bills", "restrictions", nil)
		has(t, w.do(t, platform.OpListOrgRoles, nil, nil, ""), "roles.0.id", "auditor")
		_, err = w.try(platform.OpUpdateOrgRole, org, nil, `{"restrictions": {"enabled": true, "teams": [{}]}}`)
		refusal(t, err, 400, "restrictions.teams.0.teamId")
		w.do(t, platform.OpAddOrgRoleMember, org, nil, `{"userId": "`+ann+`"}`)
		has(t, w.do(t, platform.OpListOrgRoleMembers, org, map[string]string{"type": "explicit"}, ""), "members.0.id", ann, "members.0.type", "explicit")
		has(t, w.do(t, platform.OpListOrgRoleMembers, org, map[string]string{"type": "implicit"}, ""), "members", []any{})
		_, err = w.try(platform.OpListOrgRoleMembers, org, map[string]string{"type": "secret"}, "")
		refusal(t, err, 400, "type")
		w.do(t, platform.OpRemoveOrgRoleMember, map[string]string{"roleId": "auditor", "memberId": ann}, nil, "")
		w.do(t, platform.OpAddOrgRoleMember, org, nil, `{"userId": "`+bob+`"}`)

		w.do(t, platform.OpRemoveTeamMember, team("memberId", ann), nil, "")
		has(t, w.do(t, platform.OpListTeamRoleMembers, role, nil, ""), "members", []any{})
		has(t, w.do(t, platform.OpListOrgMembers, nil, nil, ""), "members.0.id", ann, "members.1.id", bob)
		w.do(t, platform.OpRemoveTeamMember, team("memberId", bob), nil, "")
		has(t, w.do(t, platform.OpListOrgMembers, nil, nil, ""), "members.0.id", ann, "members.1", nil)
		has(t, w.do(t, platform.OpListOrgRoleMembers, org, nil, ""), "members", []any{})
		_, err = w.try(platform.OpRemoveTeamMember, team("memberId", bob), nil, "")
		refusal(t, err, 404, bob)
		w.do(t, platform.OpDeleteTeamRole, role, nil, "")
		_, err = w.try(platform.OpListTeamRoleMembers, role, nil, "")
		refusal(t, err, 404, "deployer")
		w.do(t, platform.OpDeleteOrgRole, org, nil, "")
		has(t, w.do(t, platform.OpListDirectoryGroups, nil, nil, ""), "directoryGroups", []any{})
		staff := map[string]string{"groupId": "staff"}
		_, err = w.try(platform.OpListGroupMembers, staff, nil, "")
		refusal(t, err, 404, "staff")
		w.do(t, platform.OpCreateOrgRole, nil, nil, `{"name": "Reader", "permissions": {"orgScope": ["Organisation > Billing > Read"]}, "directoryGroups": ["staff"]}`)
		has(t, w.do(t, platform.OpListDirectoryGroups, nil, nil, ""), "directoryGroups.0.id", "staff", "directoryGroups.1", nil)
		has(t, w.do(t, platform.OpListGroupMembers, staff, nil, ""), "members", []any{})
		w.do(t, platform.OpDeleteOrgRole, map[string]string{"roleId": "reader"}, nil, "")
	})
}
