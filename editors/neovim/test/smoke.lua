-- What the plugin gives to a user of Neovim, asked in a headless one, started by test/run.
-- NF_TEMPLATES: a folder with the templates; NF_COUNTS: the file for the counts; NF_CONTROL: set when the programs do
-- nothing, so that each test has to fail.
vim.opt.swapfile = false
vim.opt.shadafile = 'NONE'
vim.cmd('filetype plugin on')
local control = vim.env.NF_CONTROL ~= nil
local wait = control and 2000 or 30000

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
    local text = table.concat(vim.api.nvim_buf_get_lines(vim.fn.bufnr('northflank://run'), 0, -1, false), '\n')
    assert(text:find('success%s+CombinedService'), text)
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
