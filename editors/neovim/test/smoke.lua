-- What the plugin gives to a user of Neovim, asked in a headless one, started by test/run.
-- NF_TEMPLATES: a folder with the templates; NF_COUNTS: the file for the counts; NF_CONTROL: set when the programs do
-- nothing, so that each test has to fail.
vim.opt.swapfile = false
vim.opt.shadafile = 'NONE'
vim.cmd('filetype plugin on')
local control = vim.env.NF_CONTROL ~= nil
local wait = control and 2000 or 60000

local notes = {}
vim.notify = function(message)
  notes[#notes + 1] = message
end

require('northflank').setup(control and { server = { '/bin/false' }, runner = { '/bin/false' } } or nil)

local function until_true(what, ask)
  local last
  local ok = vim.wait(wait, function()
    last = ask()
    return last and true or false
  end, 20)
  assert(ok, ('waited %d ms for %s; messages: %s'):format(wait, what, table.concat(notes, ' | ')))
  return last
end

local function open(name)
  vim.cmd('silent edit! ' .. vim.fn.fnameescape(vim.env.NF_TEMPLATES .. '/' .. name))
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
end

--- The position right after `text`, where it stands for the first time after `anchor`; counted from zero, in bytes
--- (the templates are ASCII).
local function after(source, text, anchor)
  local from = assert(source:find(anchor or text, 1, true))
  local _, last = assert(source:find(text, from, true))
  local before = source:sub(1, last)
  local _, line = before:gsub('\n', '')
  return { line = line, character = #before:match('[^\n]*$') }
end

--- One request; nil as long as no server answers.
local function ask(method, position)
  local answers = vim.lsp.buf_request_sync(0, method, {
    textDocument = { uri = vim.uri_from_bufnr(0) },
    position = position,
  }, 1000)
  for _, answer in pairs(answers or {}) do
    if answer.result then
      return answer.result
    end
  end
end

local function labels(position)
  local found = {}
  local result = ask('textDocument/completion', position) or {}
  for _, item in ipairs(result.items or result) do
    found[item.label:gsub('"', '')] = true
  end
  return found
end

--- A template of our own, as a file beside the others.
local function written(name, steps, more)
  local path = vim.env.NF_TEMPLATES .. '/' .. name .. '.json'
  vim.fn.writefile(vim.split(([[{
  "apiVersion": "v1.2",
  "name": "%s",
%s  "spec": {
    "kind": "Workflow",
    "spec": {
      "type": "sequential",
      "steps": [
        { "kind": "Project", "ref": "project", "spec": { "name": "%s", "region": "europe-west" } },
%s
      ]
    }
  }
}]]):format(name, more or '', name, steps), '\n'), path)
  open(name .. '.json')
end

local function group(ref, variables)
  return ([[        {
          "kind": "SecretGroup",
          "ref": "%s",
          "spec": {
            "projectId": "${refs.project.id}", "name": "%s", "secretType": "environment", "priority": 10,
            "secrets": { "variables": %s, "files": {} }
          }
        }]]):format(ref, ref, variables or '{ "A": "1" }')
end
local gate = '        { "kind": "Approval", "ref": "gate", "spec": { "amount": 1 } },\n'

--- Starts a run and waits until it is followed.
local function begin(cmd)
  local runs = require('northflank.runs')
  local before = runs.current
  vim.cmd(cmd or 'NfRun')
  until_true('a run', function() return runs.current ~= before and runs.current end)
  return runs
end

local function states()
  local current = require('northflank.runs').current
  return current and table.concat(vim.tbl_map(function(step) return (step.ref or step.kind) .. '=' .. step.state end, current.steps), ' ') or ''
end

--- What stands at the ends of lines: "LINE TEXT", lines counted from 1.
local function shown_marks()
  local found = {}
  for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, require('northflank.marks').namespace, 0, -1, { details = true })) do
    found[#found + 1] = (mark[2] + 1) .. mark[4].virt_text[1][1]
  end
  return table.concat(found, '\n')
end

local function line_of(text)
  return vim.fn.search('\\V' .. text, 'nw')
end

--- The floating window's text; nil as long as it is not there.
local function float()
  local view = require('northflank.tree').view
  return view and table.concat(vim.api.nvim_buf_get_lines(view.buffer, 0, -1, false), '\n')
end

--- Presses a key in the floating window, on the first line with a text.
local function press(key, text)
  local view = require('northflank.tree').view
  vim.api.nvim_set_current_win(view.window)
  until_true('a line with ' .. text, function()
    for i, line in ipairs(vim.api.nvim_buf_get_lines(view.buffer, 0, -1, false)) do
      if line:find(text, 1, true) then
        vim.api.nvim_win_set_cursor(view.window, { i, 0 })
        return true
      end
    end
  end)
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(key, true, false, true), 'xt', false)
end

local tests = {
  { 'a mistake is found at its place, once, and the message says what to write', function()
    local source = open('payload-mistake.json')
    until_true('a finding', function() return #vim.diagnostic.get(0) > 0 end)
    local found = vim.diagnostic.get(0)
    assert(#found == 1, vim.inspect(found))
    assert(found[1].lnum == after(source, '"addonId', '"kind": "Service"').line, vim.inspect(found))
    assert(found[1].message:find('serviceId', 1, true), found[1].message)
    assert(found[1].severity == vim.diagnostic.severity.ERROR)
  end },
  { 'the finding goes when the mistake is corrected, without saving', function()
    local source = open('payload-mistake.json')
    until_true('a finding', function() return #vim.diagnostic.get(0) == 1 end)
    local place = after(source, '"addonId', '"kind": "Service"')
    vim.api.nvim_buf_set_text(0, place.line, place.character - #'addonId', place.line, place.character, { 'serviceId' })
    until_true('the finding to go', function() return #vim.diagnostic.get(0) == 0 end)
    vim.cmd('silent edit!')
  end },
  { 'completion inside an expression offers the nodes of the template', function()
    local source = open('payload.json')
    until_true('the references', function()
      local found = labels(after(source, '${refs.', '"vcsData"'))
      return found.project and found.content and found.cms
    end)
  end },
  { 'completion of a kind offers the kinds of nodes', function()
    local source = open('payload.json')
    until_true('the kinds', function()
      local found = labels(after(source, '"kind": "', '"ref": "content"'))
      return found.SecretGroup and found.CombinedService and found.Condition
    end)
  end },
  { 'hovering over a kind explains it', function()
    local source = open('payload.json')
    until_true('an explanation', function()
      local hover = ask('textDocument/hover', after(source, '"Combined'))
      return hover and vim.inspect(hover):lower():find('combined', 1, true)
    end)
  end },
  { ':NfCheck puts the findings into the quickfix list', function()
    local source = open('payload-mistake.json')
    vim.fn.setqflist({}, 'r')
    vim.cmd('NfCheck')
    local list = until_true('the quickfix list', function()
      local items = vim.fn.getqflist()
      return #items > 0 and items
    end)
    vim.cmd('cclose')
    assert(#list == 1, vim.inspect(list))
    assert(list[1].lnum == after(source, '"addonId', '"kind": "Service"').line + 1, vim.inspect(list))
    assert(list[1].text:find('serviceId', 1, true), list[1].text)
  end },
  { ':NfRun shows every node through its states to the end', function()
    open('payload.json')
    vim.cmd('NfRun')
    local runs = require('northflank.runs')
    until_true('the end of the run', function() return runs.current and runs.current.over end)
    assert(runs.current.status == 'success', vim.inspect(runs.current))
    assert(#runs.current.steps == 7, vim.inspect(runs.current.steps))
    for _, step in ipairs(runs.current.steps) do
      assert(step.state == 'success' and vim.tbl_contains(step.states, 'running'), vim.inspect(step))
    end
    until_true('the window to show it', function() -- drawn after the last event
      local text = table.concat(vim.api.nvim_buf_get_lines(vim.fn.bufnr('northflank://run'), 0, -1, false), '\n')
      return text:find('success%s+CombinedService')
    end)
  end },
  { ':NfAbort stops the run', function()
    -- A second run of a template has nothing to wait for: this one is as new to the platform as the first.
    local text = open('payload.json'):gsub('Headless CMS', 'Fresh CMS')
    vim.fn.writefile(vim.split(text, '\n'), vim.env.NF_TEMPLATES .. '/fresh.json')
    open('fresh.json')
    local runs = require('northflank.runs')
    local before = until_true('the run of before', function() return runs.current end)
    vim.cmd('NfRun --delay 20s')
    until_true('a node that waits', function()
      return runs.current ~= before and vim.tbl_contains(vim.tbl_map(function(step) return step.state end, runs.current.steps), 'waiting')
    end)
    vim.cmd('NfAbort')
    until_true('the end of the run', function() return runs.current.over end)
    assert(runs.current.status == 'aborted', vim.inspect(runs.current))
  end },
  { 'a template with a mistake is not run', function()
    open('payload.json')
    local runs = require('northflank.runs')
    local before = until_true('the run of before', function() return runs.current end)
    open('payload-mistake.json')
    notes = {}
    vim.cmd('NfRun')
    until_true('the refusal', function() return table.concat(notes):find('was not started', 1, true) end)
    assert(runs.current == before)
  end },
  { ':NfApprove lets a run go on that waits', function()
    written('gated', gate .. group('settings'))
    notes = {}
    local runs = begin()
    until_true('the approval', function() return states():find('gate=approval_wait', 1, true) end)
    until_true('the note', function() return table.concat(notes):find('Approval gate waits for an approval: :NfApprove', 1, true) end)
    vim.cmd('NfApprove gate')
    until_true('the end of the run', function() return runs.current.concluded and runs.current.over end)
    assert(states() == 'project=success gate=success settings=success', states())
  end },
  { ':NfReject ends a run that waits, and without a run there is nothing to decide', function()
    open('gated.json')
    local runs = begin()
    until_true('the approval', function() return states():find('gate=approval_wait', 1, true) end)
    vim.cmd('NfReject')
    until_true('the end of the run', function() return runs.current.concluded and runs.current.over end)
    assert(states() == 'project=success gate=failure settings=pending', states())
    notes = {}
    vim.cmd('NfApprove')
    until_true('the refusal', function() return table.concat(notes):find('was not approved', 1, true) end)
    runs.current, notes = nil, {}
    vim.cmd('NfApprove')
    assert(table.concat(notes):find('there is no run to decide on', 1, true), table.concat(notes))
  end },
  { 'states stand at the nodes, move with the text, and go with the next run', function()
    written('marked', group('settings'))
    local runs = begin('NfRun --fail settings=*:no_capacity --delay 1ms')
    until_true('the end of the run', function() return runs.current.over end)
    local project, settings = line_of('"ref": "project"'), line_of('"ref": "settings"')
    until_true('the states', function()
      local found = shown_marks()
      return found:find(project .. ' ✓ success', 1, true) and found:find(settings .. ' ✗ failure', 1, true)
    end)
    vim.api.nvim_buf_set_lines(0, 1, 1, false, { '', '' })
    assert(shown_marks():find((settings + 2) .. ' ✗ failure', 1, true), shown_marks())
    vim.cmd('silent undo')
    runs = begin()
    until_true('the end of the run', function() return runs.current.over end)
    until_true('the new states', function() return shown_marks():find(settings .. ' ✓ success', 1, true) end)
    assert(not shown_marks():find('failure', 1, true), shown_marks())
  end },
  { ':NfRunHere runs up to the node at the cursor', function()
    written('partly', group('first') .. ',\n' .. group('second'))
    vim.fn.cursor(line_of('"name": "first"'), 5)
    local runs = begin('NfRunHere')
    until_true('the end of the run', function() return runs.current.over end)
    assert(runs.current.status == 'success', vim.inspect(runs.current))
    assert(not states():find('second=success', 1, true) and states():find('project=success first=success', 1, true), states())
    vim.fn.cursor(1, 1)
    notes = {}
    vim.cmd('NfRunHere')
    assert(table.concat(notes):find('in no node', 1, true), table.concat(notes))
  end },
  { 'what a template needs is asked for, and secrets show nowhere', function()
    written('needy', group('mailer', '{ "SIZE": "${args.SIZE}", "KEY": "${args.KEY}", "MAIL": "${secrets.post.values.password}" }'),
      '  "arguments": { "SIZE": { "type": "string", "required": true }, "KEY": { "type": "string", "required": true, "secret": true } },\n')
    local asked, input, inputsecret = {}, vim.ui.input, vim.fn.inputsecret
    vim.ui.input = function(options, done)
      asked[#asked + 1] = options.prompt
      done('large')
    end
    vim.fn.inputsecret = function(prompt)
      asked[#asked + 1] = 'secret ' .. prompt
      return 'correct horse battery'
    end
    local ok, why = pcall(function()
      local runs = begin()
      until_true('the end of the run', function() return runs.current.over end)
      assert(runs.current.status == 'success', vim.inspect({ runs.current.status, runs.current.reason, notes }))
      local all = table.concat(asked, '|')
      assert(#asked == 3 and all:find('Argument SIZE', 1, true) and all:find('secret Argument KEY', 1, true) and all:find('secret Secret post.values.password', 1, true), all)
      assert(not vim.inspect(runs.current):find('battery', 1, true))
      -- Nobody answers: nothing runs.
      vim.fn.inputsecret = function() return '' end
      local before = runs.current
      notes = {}
      vim.cmd('NfRun')
      until_true('the refusal', function() return table.concat(notes):find('a value is missing', 1, true) end)
      assert(runs.current == before)
    end)
    vim.ui.input, vim.fn.inputsecret = input, inputsecret
    assert(ok, why)
  end },
  { ':NfRuns shows runs and nodes with states and times, and jumps to a node', function()
    open('marked.json')
    vim.cmd('NfRuns')
    until_true('the runs', function() return (float() or ''):find('needy', 1, true) end)
    press('<Tab>', ' marked')
    until_true('the nodes', function() return float():find('✓ success%s+%d%S*%s+SecretGroup settings') end)
    press('<CR>', 'SecretGroup settings')
    until_true('the node', function() return require('northflank.tree').view == nil end)
    assert(vim.api.nvim_buf_get_name(0):find('marked.json', 1, true), vim.api.nvim_buf_get_name(0))
    assert(vim.fn.line('.') == line_of('"ref": "settings"'), vim.fn.line('.'))
  end },
  { ':NfRuns retries, approves and stops', function()
    written('handled', group('settings') .. ',\n' .. gate .. group('last'))
    local runs = begin('NfRun --fail settings=3:no_capacity --delay 1ms')
    until_true('the failure', function() return runs.current.over end)
    assert(runs.current.status == 'failure', states())
    vim.cmd('NfRuns')
    until_true('the failure in the window', function() return (float() or ''):find('✗ failure%s+%S+%s+SecretGroup settings') end)
    press('r', 'SecretGroup settings')
    until_true('the retried node', function() return float():find('✓ success%s+%S+%s+SecretGroup settings') end)
    until_true('the approval', function() return float():find('! approval_wait', 1, true) end)
    press('a', 'Approval gate')
    until_true('the end', function() return float():find('✓ success%s+%S+%s+SecretGroup last') end)
    press('q', 'Runs')
    assert(require('northflank.tree').view == nil)

    open('handled.json')
    begin()
    vim.cmd('NfRuns')
    until_true('the approval', function() return (float() or ''):find('! approval_wait', 1, true) end)
    press('s', 'Approval gate')
    until_true('the end', function() return float():match('▾ %S+ aborted') end)
    press('?', 'Runs')
    until_true('the keys', function() return float():find('stop a run', 1, true) end)
    press('q', 'Runs')
  end },
  { ':NfRetry runs the failed nodes again', function()
    written('again', group('settings'))
    local runs = begin('NfRun --fail settings=3:no_capacity --delay 1ms')
    until_true('the failure', function() return runs.current.over end)
    assert(states() == 'project=success settings=failure', states())
    local before = runs.current
    vim.cmd('NfRetry')
    until_true('the end of the run', function() return runs.current ~= before and runs.current.over end)
    assert(states() == 'project=success settings=success', states())
    assert(runs.current.id == before.id)
  end },
  { ':NfPlan says what a run would do', function()
    open('payload.json')
    vim.cmd('NfPlan')
    until_true('the plan', function()
      local buffer = vim.fn.bufnr('northflank://plan')
      return buffer > 0 and table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n'):find('cms', 1, true)
    end)
  end },
  { 'lenses run, and run up to a node', function()
    written('lensed', group('first') .. ',\n' .. group('second'))
    local lenses = until_true('the lenses', function()
      local all = vim.lsp.codelens.get and vim.lsp.codelens.get(vim.fn.has('nvim-0.12') == 1 and { bufnr = 0 } or 0) or {}
      return #all > 3 and all
    end)
    -- 0.12 gives lenses beside the client that has sent them.
    local upto
    for _, lens in ipairs(lenses) do
      lens = lens.lens or lens
      if lens.command and lens.command.title == 'Run up to here' and vim.inspect(lens.command.arguments[2]):find('/spec/spec/steps/1', 1, true) then
        upto = lens.command
      end
    end
    assert(upto, vim.inspect(lenses))
    local runs = require('northflank.runs')
    local before = runs.current
    vim.lsp.commands['nf.run'](upto, { bufnr = 0 })
    until_true('a run', function() return runs.current ~= before end)
    until_true('the end of the run', function() return runs.current.over end)
    assert(states():find('first=success', 1, true) and not states():find('second=success', 1, true), states())
  end },
  { 'inlay hints show what stands behind the text', function()
    open('payload.json')
    until_true('the hints', function()
      local hints = vim.lsp.inlay_hint.get({ bufnr = 0 })
      return #hints > 0 and vim.inspect(hints):find('$', 1, true)
    end)
  end },
  { ':checkhealth finds nothing wrong', function()
    open('payload.json')
    until_true('the server', function() return #vim.diagnostic.get(0) == 0 and #(vim.lsp.get_clients or vim.lsp.get_active_clients)() > 0 end)
    vim.cmd('checkhealth northflank')
    local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
    vim.cmd('bwipeout!')
    assert(text:find('nf%-lsp .*commit') and text:find('nf%-run .*commit'), text)
    assert(not text:find('ERROR', 1, true) and not text:find('WARNING', 1, true), text)
    local options = require('northflank').options
    local runner = options.runner
    options.runner = { 'nf-run-that-is-not-there' }
    vim.cmd('checkhealth northflank')
    text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
    options.runner = runner
    vim.cmd('bwipeout!')
    assert(text:find('ERROR', 1, true) and text:find('nf%-run%-that%-is%-not%-there is not there'), text)
  end },
  { 'the help has every command', function()
    vim.cmd('helptags ' .. vim.fn.fnameescape(vim.env.NF_DOC))
    local tags, commands = table.concat(vim.fn.readfile(vim.env.NF_DOC .. '/tags'), '\n'), 0
    for name in pairs(vim.api.nvim_get_commands({})) do
      if vim.startswith(name, 'Nf') then
        commands = commands + 1
        assert(tags:find(':' .. name .. '\tnorthflank.txt', 1, true), name)
      end
    end
    assert(commands > 10, commands)
    assert(not control, 'programs that do nothing have help, too')
  end },
  { 'the server stops with the editor', function()
    open('payload.json')
    local clients = vim.lsp.get_clients or vim.lsp.get_active_clients
    until_true('a server that answers', function() return #clients() > 0 and clients()[1].initialized end)
    for _, client in ipairs(clients()) do
      if vim.fn.has('nvim-0.11') == 1 then client:stop() else client.stop() end
    end
    until_true('the server to stop', function() return #clients() == 0 end)
  end },
}

-- Before the server is stopped.
local last = table.remove(tests)
vim.list_extend(tests, dofile(vim.fn.fnamemodify(debug.getinfo(1, 'S').source:sub(2), ':h') .. '/sync.lua')(until_true, function() return notes end))
tests[#tests + 1] = last

local function main()
  local passed, failed = 0, 0
  local version = vim.version()
  for _, test in ipairs(tests) do
    local name, body = test[1], test[2]
    local started = vim.loop.hrtime()
    local ok, failure = pcall(body)
    local ms = math.floor((vim.loop.hrtime() - started) / 1e6)
    local label = ('neovim %d.%d.%d: %s'):format(version.major, version.minor, version.patch, name)
    if control then
      ok, failure, label = not ok, 'it passed', label:gsub(': ', ': negative control: without programs this fails: ', 1)
    end
    if ok then
      passed = passed + 1
      io.stdout:write(('ok - %s (%d ms)\n'):format(label, ms))
    else
      failed = failed + 1
      io.stdout:write(('not ok - %s (%d ms)\n    %s\n'):format(label, ms, (tostring(failure):gsub('\n', '\n    '))))
    end
    io.stdout:flush()
  end
  vim.fn.writefile({ ('%d %d 0'):format(passed, failed) }, vim.env.NF_COUNTS)
  vim.cmd(failed == 0 and 'qall!' or 'cquit 1')
end

vim.api.nvim_create_autocmd('VimEnter', {
  callback = function()
    vim.schedule(function()
      local ok, failure = pcall(main)
      if not ok then
        io.stdout:write('not ok - neovim: ' .. tostring(failure) .. '\n')
        vim.cmd('cquit 2')
      end
    end)
  end,
})
