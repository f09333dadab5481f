--- :checkhealth northflank
local M = {}

local health = vim.health
local start, ok, warn, fail, info = health.start or health.report_start, health.ok or health.report_ok, health.warn or health.report_warn,
  health.error or health.report_error, health.info or health.report_info

--- The first line that a program prints with arguments; nil where it cannot be started.
local function answer(program, ...)
  local cmd = vim.list_extend(vim.list_extend({}, program), { ... })
  if vim.fn.executable(cmd[1]) == 0 then
    return nil, cmd[1] .. ' is not there, or cannot be started'
  end
  local said = vim.fn.systemlist(cmd)
  if vim.v.shell_error ~= 0 or not said[1] then
    return nil, ('%s ended with %d: %s'):format(table.concat(cmd, ' '), vim.v.shell_error, said[1] or '')
  end
  return said[1]
end

function M.check()
  local options = require('northflank').options
  start('Northflank: Neovim')
  if vim.fn.has('nvim-0.8') == 1 then
    ok('Neovim ' .. tostring(vim.version().major) .. '.' .. vim.version().minor .. ' has the client that is needed')
  else
    fail('Neovim 0.8 or later is needed')
  end
  if not vim.lsp.inlay_hint then
    info('inlay hints need Neovim 0.10')
  end

  start('Northflank: programs')
  local install = { 'Install it: go install github.com/nf-lsp/nf-lsp/cmd/...@latest, or an archive of a release', "Or name it: require('northflank').setup({ %s = { '/path/to/it' } })" }
  local versions = {}
  for name, program in pairs({ server = options.server, runner = options.runner }) do
    local said, why = answer(program, '--version')
    if said then
      versions[#versions + 1] = said:gsub('^nf%-%a+ ', '')
      ok(said)
    else
      fail(('the %s: %s'):format(name, why), { install[1], install[2]:format(name) })
    end
  end
  if #versions == 2 and versions[1] ~= versions[2] then
    warn('the two programs are of different builds: findings of the editor and of nf-run may differ')
  end

  start('Northflank: language server')
  local clients = vim.tbl_filter(function(client) return client.name == 'northflank' end, (vim.lsp.get_clients or vim.lsp.get_active_clients)())
  if #clients == 0 then
    info("the server is not running: it starts with a file of type " .. table.concat(options.filetypes, ' or ') .. " after require('northflank').setup()")
  end
  for _, client in ipairs(clients) do
    ok(('the server runs for %s'):format(client.config.root_dir or 'single files'))
  end

  start('Northflank: runs')
  if options.target == 'local' then
    ok('templates run on the platform that is built into nf-run')
  else
    info(('templates run on %s, with real resources'):format(options.target))
  end
  if #versions == 2 then
    local said, why = answer(options.runner, 'runs', '--json')
    if said then
      ok('the folder of runs can be read')
    else
      fail('the folder of runs cannot be read: ' .. why)
    end
  end
end

return M
