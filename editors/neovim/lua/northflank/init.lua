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
}

--- The settings in the form of vim.lsp.config().
function M.lsp()
  return require('northflank.sync').extend({
    cmd = M.options.server,
    filetypes = M.options.filetypes,
    root_markers = M.options.root_markers,
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
      vim.lsp.start(require('northflank.sync').extend({
        name = 'northflank',
        cmd = M.options.server,
        root_dir = vim.fs.dirname(marker or file),
      }), { bufnr = event.buf })
    end,
  })
end

return M
