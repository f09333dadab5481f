---@brief
---
--- https://github.com/nf-lsp/nf-lsp
---
--- Language server for Northflank infrastructure templates, which are JSON files. It finds out by itself which files are
--- templates and is silent about all others.
---@type vim.lsp.Config
return {
  cmd = { 'nf-lsp' },
  filetypes = { 'json', 'jsonc' },
  root_markers = { '.northflank', '.git' },
}
