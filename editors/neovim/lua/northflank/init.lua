--- Northflank templates in Neovim: the language server `nf-lsp`, and commands that call the runner `nf-run`.
local M = {}

--- What setup() can change.
M.options = {
  --- The command that starts the language server.
  server = { 'nf-lsp' },
  --- The command that runs templates.
  runner = { 'nf-run' },
  --- Where templates are run: 'local' (built into nf-run) or 'northflank' (the hosted platform).
  target = 'local',
  --- Whether what has changed since both sides last agreed, or since HEAD, has signs.
  signs = true,
  --- The file types that the server is started for; it finds out by itself which files are templates.
  filetypes = { 'json', 'jsonc' },
  --- Files and folders that mark a project's root.
  root_markers = { '.northflank', '.git' },
  --- Lenses above templates and nodes: check, plan, run, run up to here, references.
  lenses = true,
  --- Hints between the text, from Neovim 0.10 on: values of expressions, prices.
  inlay_hints = true,
  --- The server's settings: what stands below `northflank.` in docs/lsp.md.
  settings = {},
  --- What the client can do, beside what Neovim can: from a plugin for completion, for instance.
  capabilities = nil,
}

--- What the client says that it can do. Before 0.12 Neovim shows lenses and does not say so, and before 0.11 what is said here stands
--- in the place of all that it says by itself.
local function capabilities()
  local said = { textDocument = { codeLens = { dynamicRegistration = false } } }
  local whole = vim.fn.has('nvim-0.12') == 0 and vim.lsp.protocol.make_client_capabilities() or {}
  return vim.tbl_deep_extend('force', whole, said, M.options.capabilities or {})
end

--- What lenses of the server do here.
local function lens_commands()
  local function options_of(command)
    return type(command.arguments[2]) == 'table' and command.arguments[2] or {}
  end
  local function flags(command)
    local upto = options_of(command)['until']
    return { fargs = upto and { '--until', upto } or {} }
  end
  vim.lsp.commands['nf.run'] = function(command) require('northflank.runs').run(flags(command)) end
  vim.lsp.commands['nf.plan'] = function(command) require('northflank.runs').plan(flags(command)) end
  vim.lsp.commands['nf.check'] = function() require('northflank.runs').check() end
  vim.lsp.commands['nf.show'] = function() require('northflank.runs').list() end
  vim.lsp.commands['northflank.references'] = function(command, context)
    local client = vim.lsp.get_client_by_id(context.client_id)
    local items = vim.lsp.util.locations_to_items(command.arguments[3], client and client.offset_encoding or 'utf-16')
    vim.fn.setqflist({}, ' ', { title = 'References', items = items })
    vim.cmd('copen')
  end
end

--- Called when the server has taken a buffer on.
local function attached(client, buffer)
  lens_commands()
  if M.options.lenses and client.server_capabilities.codeLensProvider then
    if vim.lsp.codelens.enable then -- 0.12
      vim.lsp.codelens.enable(true, { bufnr = buffer })
    else
      local group = vim.api.nvim_create_augroup('northflank-lenses', { clear = false })
      vim.api.nvim_clear_autocmds({ group = group, buffer = buffer })
      local function refresh()
        if vim.api.nvim_get_current_buf() == buffer then
          vim.lsp.codelens.refresh(vim.fn.has('nvim-0.10') == 1 and { bufnr = buffer } or nil)
        end
      end
      vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertLeave', 'BufWritePost' }, { group = group, buffer = buffer, callback = refresh })
      vim.schedule(refresh)
    end
  end
  if M.options.inlay_hints and client.server_capabilities.inlayHintProvider and vim.lsp.inlay_hint then
    if vim.fn.has('nvim-0.10') == 1 then
      vim.lsp.inlay_hint.enable(true, { bufnr = buffer })
    end
  end
end

--- The settings in the form of vim.lsp.config().
function M.lsp()
  return require('northflank.sync').extend({
    cmd = M.options.server,
    filetypes = M.options.filetypes,
    root_markers = M.options.root_markers,
    capabilities = capabilities(),
    settings = { northflank = M.options.settings },
    init_options = { referencesCommand = 'northflank.references' },
    on_attach = attached,
  })
end

--- Applies `options` and starts the server for templates, by what this Neovim offers: vim.lsp.enable() from 0.11 on,
--- vim.lsp.start() from 0.8 on.
function M.setup(options)
  M.options = vim.tbl_extend('force', M.options, options or {})
  if vim.lsp.config and vim.lsp.enable then
    vim.lsp.config('northflank', M.lsp())
    vim.lsp.enable('northflank')
    return
  end
  vim.api.nvim_create_autocmd('FileType', {
    group = vim.api.nvim_create_augroup('northflank', { clear = true }),
    pattern = M.options.filetypes,
    callback = function(event)
      local file = vim.api.nvim_buf_get_name(event.buf)
      if vim.bo[event.buf].buftype ~= '' or file == '' then
        return
      end
      local marker = vim.fs.find(M.options.root_markers, { upward = true, path = vim.fs.dirname(file) })[1]
      local config = M.lsp()
      config.name, config.root_dir = 'northflank', vim.fs.dirname(marker or file)
      config.filetypes, config.root_markers = nil, nil
      vim.lsp.start(config, { bufnr = event.buf })
    end,
  })
end

return M
