--- Runs, plans and checks: each is an nf-run process. A run is detached, and what is shown is read from its journal, so
--- closing Neovim ends the watching and never the run.
local M = {}

--- The run that was followed last, and what is known of it. Its nodes stand in the order in which they were first seen.
M.current = nil

local ended = { success = true, failure = true, skipped = true, aborted = true, unknown = true }

local function tell(message, level)
  vim.notify('Northflank: ' .. message, level or vim.log.levels.INFO)
end

local function command(...)
  local all = vim.list_extend({}, require('northflank').options.runner)
  return vim.list_extend(all, { ... })
end

--- Starts nf-run. `line` gets each line of its standard output as it comes, `done` the exit code and what was written to
--- standard error.
local function start(cmd, line, done)
  local rest, errors = '', {}
  local ok, job = pcall(vim.fn.jobstart, cmd, {
    on_stdout = function(_, data)
      -- Neovim cuts at newlines; the first piece goes on with the last one of the time before.
      data[1] = rest .. data[1]
      rest = table.remove(data)
      for _, text in ipairs(data) do
        line(text)
      end
    end,
    on_stderr = function(_, data)
      vim.list_extend(errors, data)
    end,
    on_exit = function(_, code)
      if rest ~= '' then
        line(rest)
      end
      done(code, vim.trim(table.concat(errors, '\n')))
    end,
  })
  if not ok or job <= 0 then
    tell(cmd[1] .. ' cannot be started: install it, or name it with setup({ runner = { ... } })', vim.log.levels.ERROR)
  end
end

--- The path of the current buffer, saved; nil once the user was told why there is none.
local function template()
  local file = vim.api.nvim_buf_get_name(0)
  if file == '' or vim.bo.buftype ~= '' then
    tell('open a template first', vim.log.levels.WARN)
    return nil
  end
  if vim.bo.modified then
    vim.cmd('silent write')
  end
  return file
end

--- A scratch window below the others, for text that nf-run wrote.
local function window(name, lines)
  local buffer = vim.fn.bufnr('^' .. vim.fn.escape(name, '[]*?\\^$') .. '$')
  if buffer < 0 then
    buffer = vim.api.nvim_create_buf(false, true)
    vim.api.nvim_buf_set_name(buffer, name)
  end
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  if vim.fn.bufwinid(buffer) < 0 then
    local from = vim.api.nvim_get_current_win()
    vim.cmd('botright ' .. math.max(3, math.min(#lines + 1, 12)) .. 'split')
    vim.api.nvim_win_set_buf(0, buffer)
    vim.api.nvim_set_current_win(from)
  end
  return buffer
end

local function show(run)
  local lines = { ('run %s of %s: %s'):format(run.id, vim.fn.fnamemodify(run.file, ':t'), run.status) }
  for _, node in ipairs(run.nodes) do
    lines[#lines + 1] = ('  %-13s %s%s'):format(node.state, node.label, node.message and (': ' .. node.message) or '')
  end
  window('northflank://run', lines)
end

--- Takes one event of the journal in. Lines that are no event are passed over.
function M.apply(run, text)
  local ok, event = pcall(vim.fn.json_decode, text)
  if not ok or type(event) ~= 'table' then
    return
  end
  if type(event.node) ~= 'string' then
    run.status = event.state or run.status
    return
  end
  local node = run.by_path[event.node]
  if not node then
    node = { label = vim.trim((event.kind or 'node') .. ' ' .. (event.ref or event.name or '')), states = {} }
    run.by_path[event.node] = node
    run.nodes[#run.nodes + 1] = node
  end
  node.message = event.message
  if event.state and event.state ~= node.state then
    node.state = event.state
    node.states[#node.states + 1] = event.state
  end
end

local function follow(run)
  show(run)
  start(command('show', run.id, '--follow', '--json'), function(text)
    M.apply(run, text)
    show(run)
  end, function(_, errors)
    if run.status == 'success' then
      tell(('run %s: all %d nodes are done'):format(run.id, #run.nodes))
    elseif ended[run.status] then
      tell(('run %s ended: %s'):format(run.id, run.status), vim.log.levels.ERROR)
    else
      tell(('run %s is no longer watched, though it may go on. %s'):format(run.id, errors), vim.log.levels.WARN)
    end
    run.over = true
  end)
end

--- :NfRun [ARGUMENT...]: the arguments go to nf-run, as in `:NfRun --arg BRANCH=main`.
function M.run(call)
  local file = template()
  if not file then
    return
  end
  local run = { file = file, status = 'pending', nodes = {}, by_path = {} }
  local cmd = command('run', file, '--target', require('northflank').options.target, '--detach', '--json')
  start(vim.list_extend(cmd, call.fargs), function(text)
    local ok, event = pcall(vim.fn.json_decode, text)
    if ok and type(event) == 'table' then
      run.id = run.id or event.run
    end
  end, function(code, errors)
    if code ~= 0 or not run.id then
      tell('the run was not started. ' .. errors, vim.log.levels.ERROR)
      return
    end
    M.current = run
    follow(run)
  end)
end

--- :NfAbort [RUN]
function M.abort(call)
  local id = call.fargs[1] or (M.current and M.current.id)
  if not id then
    tell('there is no run to stop', vim.log.levels.WARN)
    return
  end
  start(command('abort', id), function() end, function(code, errors)
    if code ~= 0 and not (M.current and M.current.over) then
      tell(('run %s could not be stopped. %s'):format(id, errors), vim.log.levels.ERROR)
    end
  end)
end

--- :NfPlan [ARGUMENT...]
function M.plan(call)
  local file = template()
  if not file then
    return
  end
  local lines = {}
  local cmd = command('plan', file, '--target', require('northflank').options.target)
  start(vim.list_extend(cmd, call.fargs), function(text)
    lines[#lines + 1] = text
  end, function(_, errors)
    window('northflank://plan', vim.list_extend(lines, errors ~= '' and vim.split(errors, '\n') or {}))
  end)
end

--- :NfCheck
function M.check()
  local file = template()
  if not file then
    return
  end
  local lines = {}
  start(command('check', '--format', 'json', file), function(text)
    lines[#lines + 1] = text
  end, function(_, errors)
    local ok, result = pcall(vim.fn.json_decode, table.concat(lines, '\n'))
    if not ok then
      tell('the check gave no result. ' .. errors, vim.log.levels.ERROR)
      return
    end
    local items = {}
    for _, checked in ipairs(result.files) do
      if checked.error then
        items[#items + 1] = { filename = checked.path, text = checked.error, type = 'E' }
      end
      for _, finding in ipairs(checked.findings) do
        items[#items + 1] = {
          filename = checked.path,
          lnum = finding.range.start.line,
          col = finding.range.start.column,
          text = ('%s [%s]'):format(finding.message, finding.code),
          type = finding.severity == 'error' and 'E' or finding.severity == 'warning' and 'W' or 'I',
        }
      end
    end
    vim.fn.setqflist({}, ' ', { title = 'Northflank: ' .. vim.fn.fnamemodify(file, ':t'), items = items })
    if #items > 0 then
      vim.cmd('copen')
    else
      vim.cmd('cclose')
      tell('no findings')
    end
  end)
end

return M
