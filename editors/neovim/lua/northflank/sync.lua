--- GitOps: signs at what has changed, and :NfSync. The language server tells how a template stands to its repository and has
--- nf-run do the work.
local M = {}

--- What the server has told, by buffer: see docs/lsp.md.
M.status = {}

local namespace = vim.api.nvim_create_namespace('northflank.sync')

local function tell(message, level)
  vim.notify('Northflank: ' .. message, level or vim.log.levels.INFO)
end

local signs = {
  added = { '+', 'NorthflankAdded' },
  changed = { '~', 'NorthflankChanged' },
  removed = { '_', 'NorthflankRemoved' },
}

local function highlights()
  for name, groups in pairs({
    NorthflankAdded = { 'Added', 'DiffAdd' },
    NorthflankChanged = { 'Changed', 'DiffChange' },
    NorthflankRemoved = { 'Removed', 'DiffDelete' },
  }) do
    local group = vim.fn.hlexists(groups[1]) == 1 and groups[1] or groups[2]
    vim.api.nvim_set_hl(0, name, { link = group, default = true })
  end
end

--- The lines to mark, counted from zero, with what has happened there: of a linked template what it has changed since both
--- sides last agreed, else what has changed since HEAD.
function M.lines(status)
  local changes = (#status.links > 0 and status.base) and status.ours or (status.head or {}).changes or {}
  local lines = {}
  local function mark(what, range)
    for line = range.start.line, range['end'].line do
      lines[line] = what
    end
  end
  for _, change in ipairs(changes) do
    if change.what == 'added' or change.what == 'removed' then
      mark(change.what, change.range)
    elseif change.what == 'changed' and change.parts then
      for _, part in ipairs(change.parts) do
        mark('changed', part)
      end
    else
      mark('changed', change.selectionRange or change.range)
    end
  end
  return lines
end

--- Shows the signs of a buffer anew.
function M.show(buffer)
  vim.api.nvim_buf_clear_namespace(buffer, namespace, 0, -1)
  local status = M.status[buffer]
  if not status or not require('northflank').options.signs then
    return
  end
  highlights()
  local last = vim.api.nvim_buf_line_count(buffer) - 1
  for line, what in pairs(M.lines(status)) do
    if line <= last then
      vim.api.nvim_buf_set_extmark(buffer, namespace, line, 0, { sign_text = signs[what][1], sign_hl_group = signs[what][2], priority = 5 })
    end
  end
end

--- Takes in what the server tells of a document. The title stands in b:northflank_git, for status lines.
function M.told(status)
  local buffer = vim.uri_to_bufnr(status.uri)
  if not vim.api.nvim_buf_is_loaded(buffer) then
    return
  end
  M.status[buffer] = status
  vim.b[buffer].northflank_git = status.title or ''
  M.show(buffer)
end

--- The capability and the handler by which the server tells.
function M.extend(config)
  config.capabilities = vim.tbl_deep_extend('force', config.capabilities or vim.lsp.protocol.make_client_capabilities(), {
    experimental = { northflank = { gitStatus = true } },
  })
  config.handlers = vim.tbl_extend('force', config.handlers or {}, {
    ['northflank/gitStatusChanged'] = function(_, status)
      M.told(status)
    end,
  })
  return config
end

--- Sends a request to the server of a buffer.
local function request(buffer, method, params, done)
  local clients = (vim.lsp.get_clients or vim.lsp.get_active_clients)({ bufnr = buffer, name = 'northflank' })
  local client = clients[1]
  if not client then
    tell('no language server runs for this buffer', vim.log.levels.ERROR)
    return
  end
  local function answered(err, result)
    if err then
      tell(err.message, vim.log.levels.ERROR)
    else
      done(result)
    end
  end
  if vim.fn.has('nvim-0.11') == 1 then
    client:request(method, params, answered, buffer)
  else
    client.request(method, params, answered, buffer)
  end
end

--- A scratch window that shows text and is only read.
local function window(name, lines, syntax)
  local buffer = vim.fn.bufnr('^' .. vim.fn.escape(name, '[]*?\\^$') .. '$')
  if buffer < 0 then
    buffer = vim.api.nvim_create_buf(false, true)
    vim.api.nvim_buf_set_name(buffer, name)
    vim.bo[buffer].syntax = syntax -- no file type: nothing has to be started for it
  end
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  if vim.fn.bufwinid(buffer) < 0 then
    local from = vim.api.nvim_get_current_win()
    vim.cmd('botright ' .. math.max(3, math.min(#lines + 1, 15)) .. 'split')
    vim.api.nvim_win_set_buf(0, buffer)
    vim.api.nvim_set_current_win(from)
  end
  return buffer
end

--- Shows conflicts with the three versions of each.
function M.conflicts(list)
  local lines = {}
  for _, conflict in ipairs(list) do
    vim.list_extend(lines, { '# ' .. (conflict.node or conflict.id), '', conflict.why, 'id: ' .. conflict.id, '' })
    for _, side in ipairs({ 'base', 'ours', 'theirs' }) do
      local text = conflict[side] or ''
      vim.list_extend(lines, { side .. ':', '' })
      for _, line in ipairs(vim.split(text == '' and '(not there)' or text, '\n')) do
        lines[#lines + 1] = '    ' .. line
      end
      lines[#lines + 1] = ''
    end
  end
  lines[#lines + 1] = 'Settle them with :NfSync resolve ours, theirs, edited (the file as it is) or ID=ours, ID=theirs.'
  return window('northflank://conflicts', lines, 'markdown')
end

--- What came of the last command, for tests and scripts.
M.last = nil

local function execute(command, options)
  local buffer = vim.api.nvim_get_current_buf()
  if vim.api.nvim_buf_get_name(buffer) == '' or vim.bo[buffer].buftype ~= '' then
    tell('open a template first', vim.log.levels.WARN)
    return
  end
  if vim.bo[buffer].modified then
    vim.cmd('silent write')
  end
  M.last = nil
  request(buffer, 'workspace/executeCommand', {
    command = 'nf.sync.' .. command,
    arguments = { vim.uri_from_bufnr(buffer), options or vim.empty_dict() },
  }, function(done)
    M.last = done
    -- The file may be another one now.
    vim.cmd('silent! checktime ' .. buffer)
    local conflicts = done.conflicts or ((done.links or {})[1] or {}).conflicts or {}
    if #conflicts > 0 then
      tell(('%d of both sides\' changes do not go together; nothing was changed'):format(#conflicts), vim.log.levels.WARN)
      M.conflicts(conflicts)
    end
  end)
end

--- Puts the version of the repository, or of HEAD, beside the buffer in diff mode.
local function diff(what)
  local buffer = vim.api.nvim_get_current_buf()
  request(buffer, 'northflank/gitStatus', { textDocument = { uri = vim.uri_from_bufnr(buffer) }, texts = true }, function(status)
    local text = (status.texts or {})[what == 'head' and 'head' or 'theirs']
    if not text then
      tell((what == 'head' and 'HEAD' or 'the repository') .. ' has no version of this file', vim.log.levels.WARN)
      return
    end
    local scratch = vim.api.nvim_create_buf(false, true)
    vim.bo[scratch].bufhidden = 'wipe'
    vim.api.nvim_buf_set_lines(scratch, 0, -1, false, vim.split((text:gsub('\r\n', '\n'):gsub('\n$', '')), '\n'))
    vim.bo[scratch].filetype, vim.bo[scratch].modifiable = vim.bo[buffer].filetype, false
    vim.cmd('diffthis')
    vim.cmd('leftabove vertical sbuffer ' .. scratch)
    vim.cmd('diffthis')
    vim.cmd('wincmd p')
  end)
end

local function resolve(words)
  local options = {}
  for _, word in ipairs(words) do
    local id, side = word:match('^(.+)=(%a+)$')
    if word == 'ours' or word == 'theirs' then
      options.side = word
    elseif word == 'edited' then
      options.edited = true
    elseif side == 'ours' or side == 'theirs' then
      options.take = options.take or {}
      options.take[id] = side
    else
      tell(('%s says no side: ours, theirs, edited, ID=ours or ID=theirs'):format(word), vim.log.levels.ERROR)
      return
    end
  end
  execute('resolve', next(options) and options or nil)
end

--- :NfSync status|pull|push|resolve|diff
function M.command(call)
  local words = vim.deepcopy(call.fargs)
  local what = table.remove(words, 1) or 'status'
  if what == 'status' or what == 'pull' then
    execute(what)
  elseif what == 'push' then
    execute('push', #words > 0 and { message = table.concat(words, ' ') } or nil)
  elseif what == 'resolve' then
    resolve(words)
  elseif what == 'diff' then
    diff(words[1])
  else
    tell(('there is no :NfSync %s: status, pull, push, resolve, diff'):format(what), vim.log.levels.ERROR)
  end
end

--- What may follow on the command line.
function M.complete(lead, line)
  local words = vim.split(line, '%s+')
  local offers = { 'diff', 'pull', 'push', 'resolve', 'status' }
  if #words > 2 then
    offers = {}
    if words[2] == 'diff' then
      offers = { 'head', 'repository' }
    elseif words[2] == 'resolve' then
      offers = { 'edited', 'ours', 'theirs' }
      for _, conflict in ipairs((M.status[vim.api.nvim_get_current_buf()] or {}).conflicts or {}) do
        vim.list_extend(offers, { conflict.id .. '=ours', conflict.id .. '=theirs' })
      end
    end
  end
  return vim.tbl_filter(function(offer) return vim.startswith(offer, lead) end, offers)
end

return M
