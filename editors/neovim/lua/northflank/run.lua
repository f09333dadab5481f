--- What is known of a run, from the events of its journal (docs/nf-run.md describes them).
local M = {}

--- Seconds since 1970 of a time in RFC 3339, in UTC.
function M.seconds(text)
  local year, month, day, hour, minute, second = (text or ''):match('^(%d+)-(%d+)-(%d+)T(%d+):(%d+):([%d.]+)Z$')
  if not year then
    return nil
  end
  -- Days since 1970 of a date, with March as the first month.
  local y, m = tonumber(year), tonumber(month)
  if m <= 2 then
    y, m = y - 1, m + 12
  end
  local days = 365 * y + math.floor(y / 4) - math.floor(y / 100) + math.floor(y / 400) + math.floor((153 * (m - 3) + 2) / 5) + tonumber(day) - 719469
  return ((days * 24 + tonumber(hour)) * 60 + tonumber(minute)) * 60 + tonumber(second)
end

--- A time in few words; empty where there is none.
function M.took(seconds)
  if not seconds or seconds < 0 then
    return ''
  elseif seconds < 1 then
    return ('%dms'):format(seconds * 1000)
  elseif seconds < 60 then
    return ('%.1fs'):format(seconds)
  end
  return ('%dm%02ds'):format(seconds / 60, seconds % 60)
end

function M.new(file, id)
  return { id = id, file = file, status = 'pending', reason = '', nodes = {}, steps = {}, by_path = {} }
end

local ended = { success = true, failure = true, skipped = true, aborted = true }

--- Whether a state is one that nothing follows.
function M.ended(state)
  return ended[state] or false
end

--- "Addon content": kind and name, without saying the kind twice.
local function title(node)
  local label = node.label or node.ref or ''
  local name = vim.startswith(label, node.kind .. ' ') and label:sub(#node.kind + 2) or label
  return (name == '' or name == node.kind) and node.kind or (node.kind .. ' ' .. name)
end

local function steps(run)
  run.steps = vim.tbl_filter(function(node) return not node.flow end, run.nodes)
end

local function add(run, node, at)
  local parent = nil
  for path, other in pairs(run.by_path) do
    if vim.startswith(node.path, path .. '/') and (not parent or #path > #parent.path) then
      parent = other
    end
  end
  local step = {
    path = node.path, kind = node.kind, ref = node.ref, flow = node.flow, title = title(node), depth = parent and parent.depth + 1 or 0,
    state = 'pending', states = { 'pending' }, remark = '',
  }
  if node.flow then
    step.title = node.flow .. ' ' .. step.title
  end
  table.insert(run.nodes, at, step)
  run.by_path[node.path] = step
end

--- Takes an event in. Answers the node that has begun to wait for an approval, where one has.
function M.apply(run, event)
  local at = M.seconds(event.at)
  if event.type == 'run.created' then
    run.started = at
    for _, node in ipairs(event.nodes or {}) do
      add(run, node, #run.nodes + 1)
    end
    steps(run)
  elseif event.type == 'node.iterations' then
    -- In the place of what stood in the loop.
    local loop = event.node.path
    local place = #run.nodes + 1
    for i = #run.nodes, 1, -1 do
      local path = run.nodes[i].path
      if vim.startswith(path, loop .. '/spec/steps/') or vim.startswith(path, loop .. '/spec/iterations/') then
        run.by_path[path] = nil
        table.remove(run.nodes, i)
        place = i
      elseif path == loop then
        place = i + 1
      end
    end
    for i, node in ipairs(event.nodes or {}) do
      add(run, node, place + i - 1)
    end
    steps(run)
  elseif event.type == 'run.state' then
    run.status = event.state
    run.reason = (event.error or {}).message or event.reason or ''
    run.concluded = event.concluded or false
    run.ended = run.concluded and at or nil
  elseif event.type == 'node.state' or event.type == 'node.attempt' then
    local step = run.by_path[event.node.path]
    if not step then
      return
    end
    if event.state ~= step.state then
      step.state = event.state
      step.states[#step.states + 1] = event.state
      step.changed = true
    end
    if not step.started and event.state ~= 'pending' then
      step.started = at
    end
    step.ended = M.ended(event.state) and at or nil
    local doing = vim.tbl_filter(function(part) return part ~= '' end, { event.subject or '', event.detail or '' })
    step.remark = (event.error or {}).message or event.reason or table.concat(doing, ': ')
    if event.state == 'approval_wait' and #((event.approval or {}).given or {}) == 0 then
      return step
    end
  end
end

--- How long something has taken by now, in words.
function M.duration(thing)
  local now, micros = vim.loop.gettimeofday()
  return thing.started and M.took((thing.ended or now + micros / 1e6) - thing.started) or ''
end

return M
