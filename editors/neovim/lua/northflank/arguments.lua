--- Asking for what a template needs and nobody has given: arguments without a value, global secrets that are not set. What is typed goes to
--- nf-run's standard input, never to a command line, a register or a file.
local process = require('northflank.process')
local M = {}

local function prompt(text, secret, done)
  if secret then
    local ok, value = pcall(vim.fn.inputsecret, text)
    return done(ok and value ~= '' and value or nil)
  end
  vim.ui.input({ prompt = text }, done)
end

--- Calls `step` for one after the other; it calls back with true to go on. `done` gets whether all have gone on.
local function each(list, step, done, i)
  i = i or 1
  if i > #list then
    return done(true)
  end
  step(list[i], function(go_on)
    if go_on then
      each(list, step, done, i + 1)
    else
      done(false)
    end
  end)
end

--- Names of the arguments that a command line gives: --arg NAME=VALUE, --arg=NAME=VALUE.
local function given(flags)
  local names = {}
  for i, flag in ipairs(flags) do
    local pair = flag:match('^%-%-arg=(.*)$') or (flags[i - 1] == '--arg' and flag)
    if pair then
      names[pair:match('^[^=]*')] = true
    end
  end
  return names
end

--- Asks for what is missing and calls `done` with further flags and the input of nf-run; with nothing where the user has called it off.
function M.ask(file, target, flags, done)
  for _, flag in ipairs(flags) do
    if vim.startswith(flag, '--args-file') then
      return done({}) -- whoever names a file has thought of the arguments
    end
  end
  process.json({ 'args', 'list', file, '--json' }, function(answer)
    local have, values = given(flags), {}
    local missing = vim.tbl_filter(function(argument)
      return argument.declared and not have[argument.name] and (argument.from == nil or argument.from == '')
    end, answer and answer.arguments or {})
    each(missing, function(argument, go_on)
      prompt(('Argument %s%s: '):format(argument.name, argument.type and (' (' .. argument.type .. ')') or ''), argument.secret, function(value)
        if value ~= nil then
          values[argument.name] = value
        end
        go_on(value ~= nil)
      end)
    end, function(all)
      if not all then
        return done(nil)
      end
      local function go()
        if next(values) == nil then
          return done({})
        end
        done({ '--args-file', '-' }, vim.fn.json_encode(values))
      end
      if target ~= 'local' then
        return go() -- a hosted platform has global secrets of its own
      end
      process.json({ 'secrets', 'list', file, '--json' }, function(secrets)
        local unset = vim.tbl_filter(function(secret) return not secret.set and secret.path:find('.values.', 1, true) end, secrets and secrets.global or {})
        each(unset, function(secret, go_on)
          prompt(('Secret %s, kept encrypted for all templates: '):format(secret.path), true, function(value)
            if value == nil then
              return go_on(false)
            end
            process.start(process.command('secrets', 'set', secret.path, '--literal'), {
              input = value,
              done = function(code, errors)
                if code ~= 0 then
                  process.tell(('the secret %s was not set. %s'):format(secret.path, errors), vim.log.levels.ERROR)
                end
                go_on(code == 0)
              end,
            })
          end)
        end, function(every)
          if every then
            go()
          else
            done(nil)
          end
        end)
      end)
    end)
  end)
end

return M
