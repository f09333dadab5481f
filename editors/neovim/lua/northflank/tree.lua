--- :NfRuns: a floating window with the newest runs and their nodes, as they change.
local marks = require('northflank.marks')
local model = require('northflank.run')
local places = require('northflank.places')
local process = require('northflank.process')
local M = {}

--- The window that is open: buffer, window, runs (as `nf-run runs` lists them), rows (what each line is about), open (ids of the runs
--- whose nodes are shown), followed (models by id).
M.view = nil

local keys = {
  { '<CR>', 'jump', 'to the node in its template, or open and close a run' },
  { '<Tab>', 'toggle', 'open or close a run' },
  { 'r', 'retry', 'run the failed nodes of a run again' },
  { 'c', 'continue', 'go on with a run whose process is gone' },
  { 'a', 'approve', 'approve the node that waits' },
  { 'x', 'reject', 'reject the node that waits' },
  { 's', 'stop', 'stop a run' },
  { 'i', 'inspect', 'show a node, or a run, with every attempt' },
  { 'u', 'refresh', 'read the runs again' },
  { '?', 'help', 'show these keys' },
  { 'q', 'close', 'close the window' },
}

local function status(run, view)
  local followed = view.followed[run.id]
  if followed and #followed.nodes > 0 then
    return followed.status, followed.concluded
  end
  return run.interrupted and 'interrupted' or run.status, run.concludedAt ~= nil
end

--- The lines of the window, what each is about, and the highlights.
local function render(view)
  local lines, rows, colours = {}, {}, {}
  local function add(text, row, state, from)
    lines[#lines + 1], rows[#rows + 1] = text:gsub('\n', ' '), row
    if state then
      local at = text:find(state, from or 1, true)
      colours[#colours + 1] = { #lines - 1, at - 1, at - 1 + #state, marks.group(state) }
    end
  end
  add(#view.runs == 0 and 'There are no runs yet: :NfRun starts one.' or 'Runs, the newest first. ? shows the keys.', {})
  for _, run in ipairs(view.runs) do
    local followed, state = view.followed[run.id], status(run, view)
    local took = followed and model.duration(followed)
    if not took or took == '' then
      local from, to = model.seconds(run.startedAt), model.seconds(run.concludedAt)
      took = from and to and model.took(to - from) or ''
    end
    add(('%s %s %-11s %-8s %s  %s'):format(view.open[run.id] and '▾' or '▸', run.id, state, took, run.template, run.error or ''), { run = run }, state, #run.id + 4)
    if view.open[run.id] then
      for _, node in ipairs(followed and followed.nodes or {}) do
        local text = ('  %s%s %-13s %-8s %s%s'):format(('  '):rep(node.depth), marks.sign(node.state), node.state, model.duration(node), node.title,
          node.remark ~= '' and ': ' .. node.remark or '')
        add(text, { run = run, node = node }, node.state)
      end
    end
  end
  if view.help then
    add('', {})
    for _, key in ipairs(keys) do
      add(('  %-6s %s'):format(key[1], key[3]), {})
    end
  end
  return lines, rows, colours
end

function M.draw()
  local view = M.view
  if not view or not vim.api.nvim_buf_is_valid(view.buffer) then
    return
  end
  local lines, rows, colours = render(view)
  view.rows = rows
  vim.bo[view.buffer].modifiable = true
  local old = vim.api.nvim_buf_get_lines(view.buffer, 0, -1, false)
  -- Only the lines that are new: the cursor stays where it is.
  for i, line in ipairs(lines) do
    if old[i] ~= line then
      vim.api.nvim_buf_set_lines(view.buffer, i - 1, i <= #old and i or -1, false, { line })
    end
  end
  if #old > #lines then
    vim.api.nvim_buf_set_lines(view.buffer, #lines, -1, false, {})
  end
  vim.bo[view.buffer].modifiable = false
  vim.api.nvim_buf_clear_namespace(view.buffer, marks.namespace, 0, -1)
  for _, colour in ipairs(colours) do
    vim.api.nvim_buf_set_extmark(view.buffer, marks.namespace, colour[1], colour[2], { end_col = colour[3], hl_group = colour[4] })
  end
end

--- Reads what is known of a run, and what comes.
local function follow(run)
  local view = M.view
  if view.followed[run.id] then
    return
  end
  local runs = require('northflank.runs')
  view.followed[run.id] = runs.current and runs.current.id == run.id and not runs.current.over and runs.current or nil
  if not view.followed[run.id] then
    view.followed[run.id] = runs.follow(model.new(run.file, run.id), { quiet = true, changed = M.draw })
  end
end

function M.refresh(done)
  local view = M.view
  process.json({ 'runs', '--json' }, function(runs, errors)
    if M.view ~= view then
      return
    end
    if not runs then
      process.tell('the runs cannot be listed. ' .. errors, vim.log.levels.ERROR)
      return
    end
    view.runs = {}
    for i = 1, math.min(#runs, 50) do
      view.runs[i] = runs[i]
      -- A run that goes on, or that was gone on with since, is followed anew.
      local followed = view.followed[runs[i].id]
      if followed and followed.over then
        view.followed[runs[i].id] = nil
      end
      if view.open[runs[i].id] == nil and i == 1 then
        view.open[runs[i].id] = true
      end
      if view.open[runs[i].id] then
        follow(runs[i])
      end
    end
    M.draw()
    if done then
      done()
    end
  end)
end

local actions = {}

function actions.close()
  local view = M.view
  M.view = nil
  if view then
    view.timer:stop()
    view.timer:close()
    if vim.api.nvim_win_is_valid(view.window) then
      vim.api.nvim_win_close(view.window, true)
    end
  end
end

function actions.help()
  M.view.help = not M.view.help
  M.draw()
end

function actions.refresh()
  M.refresh()
end

function actions.toggle(row)
  if row.run then
    M.view.open[row.run.id] = not M.view.open[row.run.id]
    if M.view.open[row.run.id] then
      follow(row.run)
    end
    M.draw()
  end
end

function actions.jump(row)
  if not row.node then
    return actions.toggle(row)
  end
  actions.close()
  local name = row.run.file
  if vim.loop.fs_stat(name) == nil then
    process.tell(name .. ' is not there any more', vim.log.levels.WARN)
    return
  end
  local buffer = marks.buffer(name)
  if buffer then
    vim.api.nvim_win_set_buf(0, buffer)
  else
    vim.cmd('edit ' .. vim.fn.fnameescape(name))
  end
  local place = places.node(places.of(marks.text(0)), row.node.path)
  if place then
    vim.cmd("normal! m'")
    vim.api.nvim_win_set_cursor(0, { place.row + 1, place.col })
  end
end

--- Actions that are a command of nf-run on a run; `node` says that the line's node is named.
local function acts(node, ...)
  local words = { ... }
  return function(row)
    if not row.run then
      return
    end
    local cmd = vim.list_extend(vim.list_extend({}, words), { '--', row.run.id })
    if node and row.node then
      cmd[#cmd + 1] = row.node.ref or row.node.path
    end
    process.start(process.command(unpack(cmd)), {
      done = function(code, errors)
        -- The exit code of a run that goes on elsewhere is its own.
        if code ~= 0 and errors ~= '' then
          process.tell(('%s of run %s: %s'):format(words[1], row.run.id, errors), vim.log.levels.WARN)
        end
        if M.view then
          M.refresh()
        end
      end,
    })
  end
end

--- Actions that go on with a run.
local function goes_on(what)
  return function(row)
    if row.run then
      require('northflank.runs').go_on(row.run.id, what, function()
        if M.view then
          M.view.followed[row.run.id] = nil
          M.view.open[row.run.id] = true
          M.refresh()
        end
      end)
    end
  end
end

actions.approve = acts(true, 'approve', '--detach')
actions.reject = acts(true, 'approve', '--detach', '--reject')
actions.stop = acts(false, 'abort')
actions.retry = goes_on('retry')
actions['continue'] = goes_on('resume')

function actions.inspect(row)
  if row.run then
    local cmd = process.command('show', row.run.id)
    if row.node then
      vim.list_extend(cmd, { '--node', row.node.ref or row.node.path })
    end
    process.start(cmd, {
      done = function(_, errors, lines)
        actions.close()
        require('northflank.runs').window('northflank://show', #lines > 0 and lines or vim.split(errors, '\n'))
      end,
    })
  end
end

--- Does what a key of the window does, on the line of the cursor.
function M.press(action)
  local view = M.view
  if view then
    actions[action](view.rows[vim.api.nvim_win_get_cursor(view.window)[1]] or {})
  end
end

--- :NfRuns. `done` is called once the runs are there.
function M.open(done)
  if M.view and vim.api.nvim_win_is_valid(M.view.window) then
    vim.api.nvim_set_current_win(M.view.window)
    return M.refresh(done)
  end
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].filetype = 'northflank-runs'
  local width = math.max(40, math.min(vim.o.columns - 4, 120))
  local height = math.max(5, math.min(vim.o.lines - 6, 30))
  local window = vim.api.nvim_open_win(buffer, true, {
    relative = 'editor', style = 'minimal', border = 'rounded', width = width, height = height,
    row = math.floor((vim.o.lines - height) / 2) - 1, col = math.floor((vim.o.columns - width) / 2),
  })
  vim.wo[window].cursorline = true
  vim.wo[window].wrap = false
  local timer = vim.loop.new_timer()
  M.view = { buffer = buffer, window = window, runs = {}, rows = {}, open = {}, followed = {}, timer = timer }
  for _, key in ipairs(keys) do
    vim.keymap.set('n', key[1], function() M.press(key[2]) end, { buffer = buffer, nowait = true, desc = 'Northflank: ' .. key[3] })
  end
  vim.keymap.set('n', '<Esc>', function() M.press('close') end, { buffer = buffer, nowait = true })
  vim.api.nvim_create_autocmd('BufWipeout', { buffer = buffer, once = true, callback = function()
    vim.schedule(actions.close)
  end })
  -- Times go on while nothing else happens.
  timer:start(1000, 1000, vim.schedule_wrap(M.draw))
  M.refresh(done)
end

return M
