--- The states of a run's nodes at the nodes themselves: extmarks, which move with the text.
local places = require('northflank.places')
local model = require('northflank.run')
local M = {}

M.namespace = vim.api.nvim_create_namespace('northflank')

--- The highlight group of a state. Color schemes may define them; each is a link to a usual one otherwise.
local groups = {
  success = 'NorthflankSuccess', failure = 'NorthflankFailure', aborted = 'NorthflankFailure', aborting = 'NorthflankFailure', unknown = 'NorthflankFailure',
  running = 'NorthflankRunning', retrying = 'NorthflankRunning', waiting = 'NorthflankWaiting', async_wait = 'NorthflankWaiting',
  approval_wait = 'NorthflankApproval', queued = 'NorthflankWaiting',
}
local links = {
  NorthflankSuccess = 'String', NorthflankFailure = 'DiagnosticError', NorthflankRunning = 'DiagnosticInfo', NorthflankWaiting = 'DiagnosticHint',
  NorthflankApproval = 'DiagnosticWarn', NorthflankPending = 'Comment',
}

function M.group(state)
  for name, target in pairs(links) do
    vim.api.nvim_set_hl(0, name, { link = target, default = true })
  end
  return groups[state] or 'NorthflankPending'
end

local signs = { success = '✓', failure = '✗', aborted = '✗', unknown = '?', approval_wait = '!', skipped = '-', pending = '·' }
function M.sign(state)
  return signs[state] or '●'
end

--- The buffer of a file; nil where it is not open.
function M.buffer(file)
  local real = vim.loop.fs_realpath(file) or file
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    local name = vim.api.nvim_buf_get_name(buffer)
    if vim.api.nvim_buf_is_loaded(buffer) and name ~= '' and vim.bo[buffer].buftype == '' and (name == file or vim.loop.fs_realpath(name) == real) then
      return buffer
    end
  end
end

function M.text(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
end

--- Takes the states of a file's nodes away.
function M.clear(file)
  local buffer = M.buffer(file)
  if buffer then
    vim.api.nvim_buf_clear_namespace(buffer, M.namespace, 0, -1)
  end
end

--- Shows the states of a run's nodes where the template is open. A mark stays at its line once it is made, since the text may have been
--- edited since the run began.
function M.show(run)
  local buffer = M.buffer(run.file)
  if not buffer then
    return
  end
  if run.marked ~= buffer then
    vim.api.nvim_buf_clear_namespace(buffer, M.namespace, 0, -1)
    run.marked = buffer
    for _, node in ipairs(run.nodes) do
      node.mark = nil
    end
  end
  local found
  for _, node in ipairs(run.steps) do
    if node.state ~= 'pending' and not node.path:find('/iterations/', 1, true) then
      local at = node.mark and vim.api.nvim_buf_get_extmark_by_id(buffer, M.namespace, node.mark, {})
      if not at or not at[1] then
        found = found or places.of(M.text(buffer))
        local place = places.node(found, node.path)
        at = place and { place.row, 0 }
      end
      if at then
        local text = ('%s %s %s'):format(M.sign(node.state), node.state, node.ended and model.duration(node) or '')
        node.mark = vim.api.nvim_buf_set_extmark(buffer, M.namespace, at[1], 0, {
          id = node.mark, virt_text = { { ' ' .. vim.trim(text), M.group(node.state) } }, virt_text_pos = 'eol', hl_mode = 'combine',
        })
      end
    end
  end
end

return M
