// Teams, members and roles: by the JavaScript client on nf-run serve. The official CLI has no commands for them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { client } from './clients.mjs'
import { served } from './served.mjs'

test('teams get members and roles by the JavaScript client', async (t) => {
  const api = await client(await served(t))
  const made = await api.create.team({ data: { name: 'Night Shift', email: 'night@example.com' } })
  assert.equal(made.data.id, 'night-shift')
  const team = { parameters: { teamId: 'night-shift' } }
  await api.patch.team({ ...team, data: { description: 'Those awake' } })
  assert.equal((await api.get.team(team)).data.description, 'Those awake')
  assert.deepEqual((await api.list.teams.all({})).data.teams.map((x) => x.id), ['night-shift'])

  const restrictions = { enabled: true, projects: ['shop'], restrictionMode: 'in' }
  await api.create.teamRole({ ...team, data: { name: 'Deployer', restrictions } })
  await api.put.teamRole({ ...team, data: { name: 'Deployer', description: 'Deploys', restrictions } })
  const role = { parameters: { teamId: 'night-shift', roleId: 'deployer' } }
  await api.patch.teamRole({ ...role, data: { restrictions: { enabled: false } } })
  assert.equal((await api.get.teamRole(role)).data.restrictions.enabled, false)

  await api.create.teamMemberInvite({ ...team, data: { email: 'ann@example.com', roles: ['deployer'] } })
  const [ann] = (await api.list.teamMembers.all(team)).data.members
  assert.equal(ann.emails[0].address, 'ann@example.com')
  assert.deepEqual((await api.list.teamRoleMembers.all(role)).data.members.map((m) => m.id), [ann.id])
  assert.deepEqual((await api.list.orgMembers.all({})).data.members.map((m) => m.id), [ann.id])
  await api.create.orgRole({ data: { name: 'Auditor' } })
  const auditor = { parameters: { roleId: 'auditor' } }
  await api.create.orgRoleMember({ ...auditor, data: { userId: ann.id } })
  assert.deepEqual((await api.list.orgRoleMembers.all(auditor)).data.members.map((m) => m.type), ['explicit'])
  assert.deepEqual((await api.get.orgDirectoryGroups({})).data.directoryGroups, [])
  await api.delete.teamMember({ parameters: { teamId: 'night-shift', memberId: ann.id } })
  assert.deepEqual((await api.list.orgMembers.all({})).data.members, [])
  await assert.rejects(api.create.team({ data: { name: 'Day Shift', email: 'nobody' } }), /email/)
})
