--- Runs, plans and checks: each is an nf-run process. A run is detached, and what is shown is read from its journal, so
--- closing Neovim ends the watching and never the run.
local marks = require('northflank.marks')
local model = require('northflank.run')
local places = require('northflank.places')
local process = require('northflank.process')
local M = {}

--- The run that was followed last, and what is known of it: id, file, status, concluded, over (nobody reads its journal
--- any more), nodes in the order of the template, and steps, those that do something.
M.current = nil

local tell, command = process.tell, process.command

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
function M.window(name, lines)
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
    lines[#lines + 1] = (('  %-8s  %s%s'):format(step.state, step.title, step.remark ~= '' and ': ' .. step.remark or ''):gsub('\n', ' '))
  end
  M.window('northflank://run', lines)
end

--- Follows a run to its end. `quiet` says nothing of it and shows no window; `changed` is called each time.
function M.follow(run, options)
  options = options or {}
  local function changed()
    if not options.quiet then
      show(run)
      marks.show(run)
    end
    if options.changed then
      options.changed()
    end
    local tree = package.loaded['northflank.tree']
    if tree and tree.view then
      tree.draw()
    end
  end
  -- A journal that is read from its beginning comes in one go: it is shown once.
  local due = false
  local function soon()
    if not due then
      due = true
      vim.schedule(function()
        due = false
        changed()
      end)
    end
  end
  soon()
  process.start(command('show', run.id, '--follow', '--json'), {
    line = function(text)
      local ok, event = pcall(vim.fn.json_decode, text)
      if ok and type(event) == 'table' then
        local waits = model.apply(run, event)
        if waits and not options.quiet then
          tell(('%s waits for an approval: :NfApprove or :NfReject'):format(waits.title))
        end
        soon()
      end
    end,
    done = function(_, errors)
      if options.quiet then
        -- Whoever looks at the window sees it.
      elseif run.status == 'success' then
        tell(('run %s: all %d nodes are done'):format(run.id, #run.steps))
      elseif run.concluded then
        tell(('run %s ended: %s. %s'):format(run.id, run.status, run.reason), vim.log.levels.ERROR)
      else
        tell(('run %s is no longer watched, though it may go on. %s'):format(run.id, errors), vim.log.levels.WARN)
      end
      run.over = true
      soon()
    end,
  })
  return run
end

--- The target that flags name, else the one of setup().
local function target_of(flags)
  local target = require('northflank').options.target
  for i, flag in ipairs(flags) do
    target = flag:match('^%-%-target=(.*)$') or (flags[i - 1] == '--target' and flag) or target
  end
  return target
end

--- Starts a run of a file, with flags of nf-run, once all that it needs is there.
function M.begin(file, flags)
  local target = target_of(flags)
  if target ~= 'local' and vim.fn.confirm(('Run %s on %s, with real resources?'):format(vim.fn.fnamemodify(file, ':t'), target), '&Run\n&Cancel', 2) ~= 1 then
    return
  end
  require('northflank.arguments').ask(file, target, flags, function(more, input)
    if not more then
      tell('the run was not started: a value is missing', vim.log.levels.WARN)
      return
    end
    local run = model.new(file)
    local cmd = command('run', file, '--target', target, '--detach', '--json')
    vim.list_extend(vim.list_extend(cmd, flags), more)
    process.start(cmd, {
      input = input,
      done = function(code, errors, answer)
        local ok, started = pcall(vim.fn.json_decode, table.concat(answer, '\n'))
        run.id = ok and type(started) == 'table' and started.run or nil
        if code ~= 0 or not run.id then
          tell('the run was not started. ' .. errors, vim.log.levels.ERROR)
          return
        end
        M.current = run
        marks.clear(file)
        M.follow(run)
      end,
    })
  end)
end

--- :NfRun [ARGUMENT...]: the arguments go to nf-run, as in `:NfRun --arg BRANCH=main`.
function M.run(call)
  local file = template()
  if file then
    M.begin(file, call.fargs)
  end
end

--- :NfRunHere [ARGUMENT...]: up to the node that the cursor is in.
function M.run_here(call)
  local cursor = vim.api.nvim_win_get_cursor(0)
  local file = template()
  if not file then
    return
  end
  local offset = vim.api.nvim_buf_get_offset(0, cursor[1] - 1) + cursor[2] + 1
  local node = places.around(places.of(marks.text(0)), offset)
  if not node then
    tell('the cursor is in no node', vim.log.levels.WARN)
    return
  end
  M.begin(file, vim.list_extend({ '--until', node }, call.fargs))
end

--- The id of the run that a command is about: the one that is named, else the one that is shown.
local function id_of(call, doing)
  local id = call.fargs[1] or (M.current and M.current.id)
  if not id then
    tell('there is no run to ' .. doing, vim.log.levels.WARN)
  end
  return id
end

--- :NfAbort [RUN]
function M.abort(call)
  local id = id_of(call, 'stop')
  if id then
    process.start(command('abort', id), { done = function(code, errors)
      if code ~= 0 and not (M.current and M.current.over) then
        tell(('run %s could not be stopped. %s'):format(id, errors), vim.log.levels.ERROR)
      end
    end })
  end
end

--- Goes on with a run, by `nf-run retry` or `resume`, in a process that outlives this one. `begun` is called when the run goes on,
--- or has ended again.
function M.go_on(id, what, begun)
  local going, went_on = true, false
  local job = process.start(command(what, id), { detached = true, line = function() end, done = function(code, errors)
    going = false
    -- What a run comes to is said by its journal; why it cannot go on is not in it.
    if code ~= 0 and not went_on then
      tell(('%s of run %s: %s'):format(what, id, errors:match('nf%-run: .*') or errors), vim.log.levels.WARN)
    end
  end })
  local function look()
    process.json({ 'show', id, '--json' }, function(shown)
      if going and (not shown or shown.concluded or shown.interrupted) then
        vim.defer_fn(look, 50)
      else
        went_on = going
        begun()
      end
    end)
  end
  if job then
    look()
  end
end

local function go_on(call, what)
  local id = id_of(call, what)
  if id then
    local file = M.current and M.current.id == id and M.current.file or vim.api.nvim_buf_get_name(0)
    M.go_on(id, what, function()
      M.current = M.follow(model.new(file, id))
    end)
  end
end

--- :NfRetry [RUN]: runs the failed nodes again.
function M.retry(call)
  go_on(call, 'retry')
end

--- :NfResume [RUN]: goes on with a run whose process is gone.
function M.resume(call)
  go_on(call, 'resume')
end

--- Decides on a node of the run that is shown; without a name, on the only one that waits.
local function decide(call, what, ...)
  local run = M.current
  if not run then
    tell('there is no run to decide on', vim.log.levels.WARN)
    return
  end
  local cmd = vim.list_extend(command('approve', '--detach', ...), { '--', run.id })
  process.start(vim.list_extend(cmd, call.fargs), { done = function(code, errors)
    if code ~= 0 then
      tell(('run %s was not %s. %s'):format(run.id, what, errors), vim.log.levels.ERROR)
    elseif run.over and not run.concluded and M.current == run then
      -- Nobody had waited any more: another process goes on.
      M.current = model.new(run.file, run.id)
      M.follow(M.current)
    end
  end })
end

--- :NfApprove [NODE]
function M.approve(call)
  decide(call, 'approved')
end

--- :NfReject [NODE]
function M.reject(call)
  decide(call, 'rejected', '--reject')
end

--- :NfRuns
function M.list()
  require('northflank.tree').open()
end

--- :NfTarget [NAME]: where templates are run from now on.
function M.target(call)
  local options = require('northflank').options
  if call.fargs[1] then
    options.target = call.fargs[1]
    return
  end
  vim.ui.select({ 'local', 'northflank' }, { prompt = 'Run templates on' }, function(chosen)
    options.target = chosen or options.target
  end)
end

--- :NfPlan [ARGUMENT...]
function M.plan(call)
  local file = template()
  if not file then
    return
  end
  local target = target_of(call.fargs)
  require('northflank.arguments').ask(file, target, call.fargs, function(more, input)
    local cmd = command('plan', file, '--target', target)
    vim.list_extend(vim.list_extend(cmd, call.fargs), more or {})
    process.start(cmd, { input = input, done = function(_, errors, lines)
      M.window('northflank://plan', vim.list_extend(lines, errors ~= '' and vim.split(errors, '\n') or {}))
    end })
  end)
end

--- :NfCheck
function M.check()
  local file = template()
  if not file then
    return
  end
  process.json({ 'check', '--format', 'json', file }, function(result, errors)
    if not result then
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
