--- Runs, plans and checks: each is an nf-run process. A run is detached, and what is shown is read from its journal, so
--- closing Neovim ends the watching and never the run.
local M = {}

--- The run that was followed last, and what is known of it: id, file, status, concluded, over (nobody reads its journal
--- any more) and steps, the nodes that do something, in the order of the template.
M.current = nil

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
  local lines = { ('run %s of %s: %s %s'):format(run.id, vim.fn.fnamemodify(run.file, ':t'), run.status, run.reason) }
  for _, step in ipairs(run.steps) do
    lines[#lines + 1] = ('  %-8s  %s%s'):format(step.state, step.title, step.remark ~= '' and ': ' .. step.remark or '')
  end
  window('northflank://run', lines)
end

--- "Addon content": kind and name, without saying the kind twice.
local function title(node)
  local name = vim.startswith(node.label, node.kind .. ' ') and node.label:sub(#node.kind + 2) or node.label
  return (name == '' or name == node.kind) and node.kind or (node.kind .. ' ' .. name)
end

--- Takes one line of the journal in, an event as docs/nf-run.md describes it. Anything else is passed over.
local function apply(run, text)
  local ok, event = pcall(vim.fn.json_decode, text)
  if not ok or type(event) ~= 'table' then
    return
  end
  if event.type == 'node.iterations' then
    -- In the place of what stood in the loop.
    local loop = event.node.path
    run.steps = vim.tbl_filter(function(step)
      return not vim.startswith(step.path, loop .. '/spec/steps/') and not vim.startswith(step.path, loop .. '/spec/iterations/')
    end, run.steps)
  end
  if event.type == 'run.created' or event.type == 'node.iterations' then
    for _, node in ipairs(event.nodes) do
      if not node.flow then
        local step = { path = node.path, title = title(node), state = 'pending', states = { 'pending' }, remark = '' }
        run.steps[#run.steps + 1] = step
        run.by_path[node.path] = step
      end
    end
  elseif event.type == 'run.state' then
    run.status = event.state
    run.reason = (event.error or {}).message or event.reason or ''
    run.concluded = event.concluded or false
  elseif event.type == 'node.state' or event.type == 'node.attempt' then
    local step = run.by_path[event.node.path]
    if step then
      if event.state ~= step.state then
        step.state = event.state
        step.states[#step.states + 1] = event.state
      end
      local doing = vim.tbl_filter(function(part) return part ~= '' end, { event.subject or '', event.detail or '' })
      step.remark = (event.error or {}).message or table.concat(doing, ': ')
      if event.state == 'approval_wait' and #((event.approval or {}).given or {}) == 0 then
        tell(('%s waits for an approval: :NfApprove or :NfReject'):format(step.title))
      end
    end
  end
end

local function follow(run)
  show(run)
  start(command('show', run.id, '--follow', '--json'), function(text)
    apply(run, text)
    show(run)
  end, function(_, errors)
    if run.status == 'success' then
      tell(('run %s: all %d nodes are done'):format(run.id, #run.steps))
    elseif run.concluded then
      tell(('run %s ended: %s. %s'):format(run.id, run.status, run.reason), vim.log.levels.ERROR)
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
  local run = { file = file, status = 'pending', reason = '', steps = {}, by_path = {} }
  local answer = {}
  local cmd = command('run', file, '--target', require('northflank').options.target, '--detach', '--json')
  start(vim.list_extend(cmd, call.fargs), function(text)
    answer[#answer + 1] = text
  end, function(code, errors)
    local ok, started = pcall(vim.fn.json_decode, table.concat(answer, '\n'))
    run.id = ok and type(started) == 'table' and started.run or nil
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

--- Decides on a node of the run that is shown; without a name, on the only one that waits.
local function decide(call, what, ...)
  local id = M.current and M.current.id
  if not id then
    tell('there is no run to decide on', vim.log.levels.WARN)
    return
  end
  local cmd = vim.list_extend(command('approve', '--detach', ...), { '--', id })
  start(vim.list_extend(cmd, call.fargs), function() end, function(code, errors)
    if code ~= 0 then
      tell(('run %s was not %s. %s'):format(id, what, errors), vim.log.levels.ERROR)
    end
  end)
end

--- :NfApprove [NODE]
function M.approve(call)
  decide(call, 'approved')
end

--- :NfReject [NODE]
function M.reject(call)
  decide(call, 'rejected', '--reject')
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
