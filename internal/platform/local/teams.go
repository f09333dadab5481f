package local

import (
	"encoding/hex"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// The installation on one machine is one organisation with one account: teams, members
// and roles are kept, and what they may do is decided by nobody. Who may call is a
// matter of the server's tokens.

var teamFamily = family{
	flavour: flavour{noun: "team", segment: "teams", idParam: "teamId", typ: "team", account: true, check: checkTeam, show: showTeam},
	create:  platform.OpCreateTeam, patch: platform.OpUpdateTeam, get: platform.OpGetTeam, list: platform.OpListTeams,
	member: "teams", hidden: []string{"updatedAt"},
}

// The patterns are those of the requests.
var (
	teamNamePattern = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[a-zA-Z](('[a-zA-Z])?(-|\s)?[a-zA-Z0-9]+(('[a-zA-Z])?(-|\s)[a-zA-Z0-9]+)*)?$`)
	})
	emailPattern = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(([^<>()\[\]\\.,;:\s@"]+(\.[^<>()\[\]\\.,;:\s@"]+)*)|(".+"))@((\[[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}])|(([a-zA-Z\-0-9]+\.)+[a-zA-Z]{2,}))$`)
	})
	identifierPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9-]+$`) })
)

const longestEmail = 320

func checkTeam(k *check) {
	k.name(teamNamePattern(), 45)
	k.text("description", 200)
	k.required("email")
	k.pattern("email", emailPattern(), 3, longestEmail)
}

func showTeam(c *call, r *record) (map[string]any, error) {
	shown := c.face(r)
	delete(shown, "email")
	delete(shown, "internalId")
	return shown, nil
}

var teamRoleFamily = family{
	flavour: flavour{noun: "role", idParam: "roleId", typ: "role", account: true, within: rolesOfTeam, show: showRole, check: func(k *check) {
		k.name(secretNamePattern(), 100)
		checkRole(k, "teamScope", "projectScope")
	}},
	create: platform.OpCreateTeamRole, put: platform.OpPutTeamRole, patch: platform.OpUpdateTeamRole, get: platform.OpGetTeamRole,
	list: platform.OpListTeamRoles, remove: platform.OpDeleteTeamRole,
	member: "roles", hidden: []string{"permissions"},
}

var orgRoleFamily = family{
	flavour: flavour{noun: "role", segment: "org-roles", idParam: "roleId", typ: "role", account: true, show: showRole, check: func(k *check) {
		k.required("name")
		k.text("name", 100)
		checkRole(k, "teamScope", "projectScope", "orgScope")
	}},
	create: platform.OpCreateOrgRole, put: platform.OpPutOrgRole, patch: platform.OpUpdateOrgRole, get: platform.OpGetOrgRole,
	list: platform.OpListOrgRoles, remove: platform.OpDeleteOrgRole,
	member: "roles", hidden: []string{"permissions"},
}

func rolesOfTeam(c *call) (string, error) {
	team, err := c.look(&teamFamily.flavour)
	if err != nil {
		return "", err
	}
	return team.key + "/roles", nil
}

func checkRole(k *check, scopes ...string) {
	k.text("description", 200)
	k.object("permissions")
	for _, scope := range scopes {
		k.each("permissions."+scope, func(at string) { k.required(at); k.text(at, 200) })
	}
	checkRestrictions(k, "restrictions")
	k.each("restrictions.teams", func(at string) {
		k.required(at + ".teamId")
		k.pattern(at+".teamId", planPattern(), 3, 39)
		checkRestrictions(k, at+".restrictions")
	})
	k.each("directoryGroups", func(at string) { k.text(at, 200) })
}

// checkRestrictions checks to what a role is restricted, where it is.
func checkRestrictions(k *check, at string) {
	if !k.present(at) {
		return
	}
	k.object(at)
	k.required(at + ".enabled")
	k.boolean(at + ".enabled")
	k.oneOf(at+".restrictionMode", "in", "notIn")
	k.each(at+".projects", func(at string) { k.pattern(at, portNamePattern(), 3, 39) })
}

func showRole(c *call, r *record) (map[string]any, error) {
	shown := c.face(r)
	delete(shown, "internalId")
	return shown, nil
}

// orgMembers are all members, each once, however many teams they are in.
func orgMembers(*call) (string, error) { return "org-members", nil }

func teamMembers(c *call) (string, error) {
	team, err := c.look(&teamFamily.flavour)
	if err != nil {
		return "", err
	}
	return team.key + "/members", nil
}

// memberType is the type of the records of members: of the organisation, of a team, of a
// role.
const memberType = "member"

func listMembers(of func(*call) (string, error)) handler {
	return func(c *call) (any, error) {
		parent, err := of(c)
		if err != nil {
			return nil, err
		}
		rows, err := c.rows(parent, false, memberRow)
		return map[string]any{"members": rows}, err
	}
}

// memberRow shows a member. Nobody accepts invitations here, so that no member has a name
// or has joined.
func memberRow(r *record) (map[string]any, error) {
	return map[string]any{"id": r.id(), "finalized": false,
		"emails": []any{map[string]any{"address": r.spec["email"], "verified": false}}}, nil
}

// inviteMember makes a member of a team whom nobody writes a letter.
func inviteMember(c *call) (any, error) {
	parent, err := teamMembers(c)
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.required("email")
	k.pattern("email", emailPattern(), 3, longestEmail)
	k.each("roles", func(at string) { k.required(at); k.pattern(at, identifierPattern(), 1, 100) })
	if err := k.err(); err != nil {
		return nil, err
	}
	email := strings.ToLower(jsonvalue.String(c.body, "email"))
	id := hex.EncodeToString(c.derive("member", email)[:12])
	team := strings.TrimSuffix(parent, "/members")
	var roles []string
	for i, v := range jsonvalue.List(c.body, "roles") {
		role, _ := v.(string)
		known, err := c.tx.load(team + "/roles/" + role)
		if err != nil {
			return nil, err
		}
		if known == nil {
			return nil, absent("roles."+strconv.Itoa(i), "is %q, which is no role of the team", role)
		}
		roles = append(roles, known.key+"/members")
	}
	there, err := c.tx.load(parent + "/" + id)
	if err != nil {
		return nil, err
	}
	if there != nil {
		return nil, conflict("%s is invited already, or is in the team", email)
	}
	for _, in := range append([]string{parent, "org-members"}, roles...) {
		if err := c.enlist(in, id, email); err != nil {
			return nil, err
		}
	}
	return nil, c.log(parent+"/"+id, Created)
}

// enlist makes somebody a member, if need be.
func (c *call) enlist(parent, id, email string) error {
	known, err := c.tx.load(parent + "/" + id)
	if err != nil || known != nil {
		return err
	}
	return c.tx.create(&record{key: parent + "/" + id, parent: parent, typ: memberType, created: c.now, spec: map[string]any{"email": email}}, struct{}{})
}

// removeMember takes somebody out of a team with its roles, and out of the organisation
// with the last one.
func removeMember(c *call) (any, error) {
	parent, err := teamMembers(c)
	if err != nil {
		return nil, err
	}
	id := c.path("memberId")
	r, err := c.tx.load(parent + "/" + id)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, notFound("member", id, inParent(parent))
	}
	all, err := c.tx.typed(memberType)
	if err != nil {
		return nil, err
	}
	team := strings.TrimSuffix(parent, "members")
	elsewhere := slices.ContainsFunc(all, func(m *record) bool {
		return m.id() == id && strings.HasPrefix(m.key, "teams/") && !strings.HasPrefix(m.key, team)
	})
	for _, m := range all {
		if m.id() == id && (strings.HasPrefix(m.key, team) || !elsewhere) {
			if err := c.tx.remove(m.key); err != nil {
				return nil, err
			}
		}
	}
	return nil, c.log(r.key, Deleted)
}

// roleMembers are the members of roles of a family; of says whose members may get one.
type roleMembers struct {
	family *family
	of     func(*call) (string, error)
	typed  bool // a list tells how a member came to the role
}

var (
	orgRoles  = roleMembers{&orgRoleFamily, orgMembers, true}
	teamRoles = roleMembers{&teamRoleFamily, teamMembers, false}
)

func (m roleMembers) add(c *call) (any, error) {
	role, err := c.look(&m.family.flavour)
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.required("userId")
	k.pattern("userId", identifierPattern(), 1, 100)
	if err := k.err(); err != nil {
		return nil, err
	}
	parent, err := m.of(c)
	if err != nil {
		return nil, err
	}
	id := jsonvalue.String(c.body, "userId")
	member, err := c.tx.load(parent + "/" + id)
	if err != nil {
		return nil, err
	}
	if member == nil {
		return nil, absent("userId", "is %q, who is no member", id)
	}
	if err := c.enlist(role.key+"/members", id, jsonvalue.String(member.spec, "email")); err != nil {
		return nil, err
	}
	return nil, c.log(role.key, Updated)
}

func (m roleMembers) list(c *call) (any, error) {
	role, err := c.look(&m.family.flavour)
	if err != nil {
		return nil, err
	}
	asked := c.params.Query
	k := &check{spec: map[string]any{"type": asked["type"]}}
	if m.typed {
		k.oneOf("type", "explicit", "implicit")
	}
	if err := k.err(); err != nil {
		return nil, err
	}
	var users []string
	if asked["userIds"] != "" {
		users = strings.Split(asked["userIds"], ",")
	}
	found, err := c.listWhere(role.key+"/members", false, func(r *record) (bool, error) {
		return asked["type"] != "implicit" && (users == nil || slices.Contains(users, r.id())), nil
	})
	if err != nil {
		return nil, err
	}
	rows := make([]any, len(found))
	for i, r := range found {
		row, _ := memberRow(r)
		if m.typed {
			row = maps.Clone(row)
			row["type"] = "explicit"
		}
		rows[i] = row
	}
	return map[string]any{"members": rows}, nil
}

func (m roleMembers) remove(c *call) (any, error) {
	role, err := c.look(&m.family.flavour)
	if err != nil {
		return nil, err
	}
	key := role.key + "/members/" + c.path("memberId")
	r, err := c.tx.load(key)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, notFound("member", c.path("memberId"), inParent(role.key+"/members"))
	}
	if err := c.tx.remove(key); err != nil {
		return nil, err
	}
	return nil, c.log(role.key, Updated)
}

// directoryGroups are the groups that the organisation's roles name, with the role that
// has named each first. No directory is connected here that would have others, or members.
func (c *call) directoryGroups() (map[string]*record, error) {
	roles, err := c.tx.all(orgRoleFamily.segment)
	if err != nil {
		return nil, err
	}
	groups := map[string]*record{}
	for _, role := range roles {
		for _, v := range jsonvalue.List(role.spec, "directoryGroups") {
			if id, ok := v.(string); ok && groups[id] == nil {
				groups[id] = role
			}
		}
	}
	return groups, nil
}

func listDirectoryGroups(c *call) (any, error) {
	groups, err := c.directoryGroups()
	rows := []any{}
	for _, id := range slices.Sorted(maps.Keys(groups)) {
		role := groups[id]
		rows = append(rows, map[string]any{"id": id, "name": id, "idpId": "local", "createdAt": c.stamp(role.created), "updatedAt": c.stamp(role.updated)})
	}
	return map[string]any{"directoryGroups": rows}, err
}

func listGroupMembers(c *call) (any, error) {
	groups, err := c.directoryGroups()
	if err == nil && groups[c.path("groupId")] == nil {
		err = notFound("directory group", c.path("groupId"), "")
	}
	if err != nil {
		return nil, err
	}
	c.more = &pagination{}
	return map[string]any{"members": []any{}}, nil
}
