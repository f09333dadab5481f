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

-- What nf-run itself completes there: flags, names.
local function flags_of(name)
  return function(typed)
    local cmd = require('northflank.process').command('__complete', name, typed)
    if vim.fn.executable(cmd[1]) == 0 then
      return {}
    end
    local offered = {}
    for _, line in ipairs(vim.fn.systemlist(cmd)) do
      local word = line:match('^(%-%-[^\t]*)')
      if word then
        offered[#offered + 1] = word
      end
    end
    return offered
  end
end

command('NfRun', 'run', { nargs = '*', complete = flags_of('run'), desc = 'Run this template and show the state of its nodes' })
command('NfRunHere', 'run_here', { nargs = '*', complete = flags_of('run'), desc = 'Run this template up to the node at the cursor' })
command('NfAbort', 'abort', { nargs = '?', desc = 'Stop the run that is shown, or the one that is named' })
command('NfRetry', 'retry', { nargs = '?', desc = 'Run the failed nodes of the run again that is shown, or of the one that is named' })
command('NfResume', 'resume', { nargs = '?', desc = 'Go on with the run that is shown, or the one that is named' })
command('NfApprove', 'approve', { nargs = '?', desc = 'Approve the node that the run waits with, or the one that is named' })
command('NfReject', 'reject', { nargs = '?', desc = 'Reject the node that the run waits with, or the one that is named' })
command('NfRuns', 'list', { nargs = 0, desc = 'Show the runs and their nodes, live' })
command('NfTarget', 'target', { nargs = '?', complete = function() return { 'local', 'northflank' } end, desc = 'Say where templates are run' })
command('NfPlan', 'plan', { nargs = '*', complete = flags_of('plan'), desc = 'Show what a run of this template would do' })
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
