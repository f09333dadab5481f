-- The commands. Nothing else is loaded before one of them is used or setup() is called.
if vim.g.loaded_northflank then
  return
end
vim.g.loaded_northflank = 1

local function command(name, method, options)
  vim.api.nvim_create_user_command(name, function(call)
    require('northflank.runs')[method](call)
  end, options)
end

command('NfRun', 'run', { nargs = '*', desc = 'Run this template and show the state of its nodes' })
command('NfAbort', 'abort', { nargs = '?', desc = 'Stop the run that is shown, or the one that is named' })
command('NfApprove', 'approve', { nargs = '?', desc = 'Approve the node that the run waits with, or the one that is named' })
command('NfReject', 'reject', { nargs = '?', desc = 'Reject the node that the run waits with, or the one that is named' })
command('NfPlan', 'plan', { nargs = '*', desc = 'Show what a run of this template would do' })
vim.api.nvim_create_user_command('NfSync', function(call)
  require('northflank.sync').command(call)
end, {
  nargs = '*',
  desc = 'Pull and push this template, settle conflicts',
  complete = function(...)
    return require('northflank.sync').complete(...)
  end,
})
command('NfCheck', 'check', { nargs = 0, desc = 'Put the findings of this template into the quickfix list' })
