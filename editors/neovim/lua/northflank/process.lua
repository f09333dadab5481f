--- Starting nf-run, and telling the user what came of it.
local M = {}

function M.tell(message, level)
  vim.notify('Northflank: ' .. message, level or vim.log.levels.INFO)
end

--- nf-run with arguments.
function M.command(...)
  local all = vim.list_extend({}, require('northflank').options.runner)
  return vim.list_extend(all, { ... })
end

--- Starts a program. `line` gets each line of its standard output as it comes, `done` the exit code, what was written to
--- standard error, and the lines that `line` was not there for. `input` is its standard input; a `detached` one goes on when Neovim ends. Answers the number of the job, or nil
--- once the user was told why there is none.
function M.start(cmd, options)
  local rest, errors, lines = '', {}, {}
  local take = options.line or function(text) lines[#lines + 1] = text end
  local ok, job = pcall(vim.fn.jobstart, cmd, {
    detach = options.detached,
    on_stdout = function(_, data)
      -- Neovim cuts at newlines; the first piece goes on with the last one of the time before.
      data[1] = rest .. data[1]
      rest = table.remove(data)
      for _, text in ipairs(data) do
        take(text)
      end
    end,
    on_stderr = function(_, data)
      -- The first piece goes on with the last one here, too.
      if #errors > 0 then
        errors[#errors] = errors[#errors] .. table.remove(data, 1)
      end
      vim.list_extend(errors, data)
    end,
    on_exit = function(_, code)
      if rest ~= '' then
        take(rest)
      end
      if options.done then
        options.done(code, vim.trim(table.concat(errors, '\n')), lines)
      end
    end,
  })
  if not ok or job <= 0 then
    M.tell(cmd[1] .. ' cannot be started: install it, or name it with setup({ runner = { ... } })', vim.log.levels.ERROR)
    return nil
  end
  if options.input then
    vim.fn.chansend(job, options.input)
  end
  vim.fn.chanclose(job, 'stdin')
  return job
end

--- Runs nf-run to its end and gives what it has printed, as JSON, to `done`; nil and the reason where it printed none.
function M.json(arguments, done, input)
  M.start(M.command(unpack(arguments)), {
    input = input,
    done = function(code, errors, lines)
      local ok, value = pcall(vim.fn.json_decode, table.concat(lines, '\n'))
      if ok and type(value) == 'table' then
        done(value, errors, code)
      else
        done(nil, errors, code)
      end
    end,
  })
end

return M
