-- :NfSync beside a bare repository, and the signs at what has changed. Answers the tests, given what smoke.lua has for them.
return function(until_true, notes)
  local folder = vim.fn.fnamemodify(vim.env.NF_TEMPLATES, ':h')
  local origin, theirs, file = folder .. '/origin.git', folder .. '/theirs', vim.env.NF_TEMPLATES .. '/linked.json'

  local function run(...)
    local out = vim.fn.system({ ... })
    assert(vim.v.shell_error == 0, table.concat({ ... }, ' ') .. ': ' .. out)
    return out
  end

  local function template(storage, replicas)
    return {
      '{', '  "apiVersion": "v1.2",', '  "name": "Linked",', '  "project": { "id": "shop" },', '  "spec": {', '    "kind": "Addon",',
      '    "ref": "db",', '    "spec": {', '      "name": "Database",', '      "type": "redis",', '      "version": "7.2-latest",',
      ('      "billing": { "deploymentPlan": "nf-compute-20", "storage": %d, "replicas": %d }'):format(storage, replicas), '    }', '  }', '}',
    }
  end

  local function text(lines) return table.concat(lines, '\n') .. '\n' end
  local function in_repository() return run('git', '-C', origin, 'show', 'main:linked.json') end
  local function here() return text(vim.api.nvim_buf_get_lines(0, 0, -1, false)) end
  local function title() return vim.b.northflank_git end

  local function commit(lines, message)
    run('git', '-C', theirs, 'pull', '-q')
    vim.fn.writefile(lines, theirs .. '/linked.json')
    run('git', '-C', theirs, 'commit', '-qam', message)
    run('git', '-C', theirs, 'push', '-q')
  end

  local function sync(arguments)
    local last = require('northflank.sync')
    last.last = nil
    vim.cmd('NfSync ' .. arguments)
    return until_true(':NfSync ' .. arguments, function() return last.last end)
  end

  local function marks()
    local found = {}
    local all = vim.api.nvim_buf_get_extmarks(0, vim.api.nvim_create_namespace('northflank.sync'), 0, -1, { details = true })
    for _, mark in ipairs(all) do
      found[#found + 1] = mark[2] .. vim.trim(mark[4].sign_text)
    end
    return table.concat(found, ' ')
  end

  local function open()
    vim.cmd('silent edit! ' .. vim.fn.fnameescape(file))
  end

  return {
    { 'a linked template is pushed, and its changed lines have signs before they are saved', function()
      run('git', 'config', '--global', 'user.name', 'Ada')
      run('git', 'config', '--global', 'user.email', 'ada@example.com')
      run('git', 'config', '--global', 'init.defaultBranch', 'main')
      run('git', 'init', '-q', '--bare', origin)
      vim.fn.writefile(template(4096, 1), file)
      run('nf-run', 'sync', 'link', file, '--repo', origin, '--branch', 'main', '--path', '/linked.json')
      open()
      until_true('the title', function() return title() == 'Git: new, not pushed yet' end)
      assert(sync('push').outcome == 'pushed')
      assert(in_repository() == text(template(4096, 1)))
      run('git', 'clone', '-q', origin, theirs)
      until_true('both to be in step', function() return title() == 'Git: in step' end)
      assert(marks() == '', marks())
      vim.api.nvim_buf_set_lines(0, 11, 12, false, { template(8192, 1)[12] })
      until_true('the sign', function() return marks() == '11~' end)
      assert(title() == 'Git: 1 change', title())
      assert(sync('push More storage').outcome == 'pushed') -- saves it
      assert(in_repository() == text(template(8192, 1)))
      assert(vim.trim(run('git', '-C', origin, 'log', '-1', '--format=%s', 'main')) == 'More storage')
      until_true('the sign to go', function() return marks() == '' end)
    end },
    { ':NfSync pull brings a change of somebody else into the buffer', function()
      open()
      commit(template(8192, 2), 'Two replicas')
      sync('status')
      until_true('the title', function() return title() == 'Git: 1 behind' end)
      assert(sync('pull').outcome == 'updated')
      until_true('the buffer to have it', function() return here() == text(template(8192, 2)) end)
      until_true('both to be in step', function() return title() == 'Git: in step' end)
    end },
    { 'a conflict changes nothing and is shown; :NfSync resolve settles it', function()
      open()
      commit(template(1024, 2), 'Less')
      vim.api.nvim_buf_set_lines(0, 11, 12, false, { template(2048, 2)[12] })
      local done = sync('pull')
      assert(done.outcome == 'conflict', vim.inspect(done))
      assert(here() == text(template(2048, 2)))
      local shown = until_true('the conflict', function()
        local buffer = vim.fn.bufnr('northflank://conflicts')
        return buffer > 0 and table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
      end)
      assert(shown:find('db %(Addon%)') and shown:find('ours:\n\n    2048', 1, true) and shown:find('theirs:\n\n    1024', 1, true), shown)
      until_true('the title', function() return title() == 'Git: 1 change, 1 behind, 1 conflict' end)
      local id = done.conflicts[1].id
      local offered = require('northflank.sync').complete('spec', 'NfSync resolve spec')
      assert(vim.tbl_contains(offered, id .. '=theirs'), vim.inspect(offered))
      assert(sync('resolve ' .. id .. '=theirs').outcome == 'merged')
      until_true('the buffer to have theirs', function() return here() == text(template(1024, 2)) end)
      until_true('both to be in step', function() return title() == 'Git: in step' end)
    end },
    { ':NfSync diff puts the version of the repository beside the buffer', function()
      open()
      vim.api.nvim_buf_set_lines(0, 11, 12, false, { template(512, 2)[12] })
      vim.cmd('NfSync diff')
      until_true('diff mode', function() return vim.wo.diff end)
      local beside = vim.tbl_filter(function(win) return win ~= vim.api.nvim_get_current_win() and vim.wo[win].diff end, vim.api.nvim_list_wins())
      assert(#beside == 1)
      assert(text(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(beside[1]), 0, -1, false)) == text(template(1024, 2)))
      vim.api.nvim_win_close(beside[1], true)
      vim.cmd('diffoff!')
      vim.cmd('silent edit!')
    end },
    { ':NfSync tells why it cannot', function()
      open()
      local before = in_repository()
      vim.api.nvim_buf_set_lines(0, 8, 9, false, { '      "name": 7,' })
      vim.cmd('NfSync push')
      until_true('the refusal', function() return table.concat(notes()):find('nothing was pushed', 1, true) end)
      assert(in_repository() == before)
      vim.cmd('NfSync nonsense')
      until_true('the words', function() return table.concat(notes()):find('there is no :NfSync nonsense', 1, true) end)
    end },
  }
end
