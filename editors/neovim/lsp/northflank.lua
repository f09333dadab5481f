-- The language server's settings where Neovim reads them by itself (0.11 and later): vim.lsp.enable('northflank').
return require('northflank').lsp()
