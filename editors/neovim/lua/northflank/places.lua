--- Where the parts of a JSON text stand, by their JSON pointers. It goes over the text once and takes whatever it finds: half-typed
--- text has the places that are clear.
local M = {}

local function escaped(key)
  return (key:gsub('~', '~0'):gsub('/', '~1'))
end

--- Answers a table of pointers. Each has `row` and `col`, counted from zero and in bytes: of the name, where it is a member of an
--- object, else of the value. Objects and arrays have the `from` and `to` of their braces, too, as offsets from 1.
function M.of(text)
  local found, starts = {}, { 1 }
  for at in text:gmatch('\n()') do
    starts[#starts + 1] = at
  end
  local row = 1
  local function place(offset)
    while starts[row + 1] and starts[row + 1] <= offset do
      row = row + 1
    end
    return { row = row - 1, col = offset - starts[row], at = offset }
  end

  -- Each open brace has its pointer, and what is read next in it: an index of an array, or a key of an object.
  local open = {}
  local function here()
    local top = open[#open]
    if not top then
      return ''
    end
    if top.array then
      return top.path .. '/' .. top.index
    end
    return top.key and (top.path .. '/' .. escaped(top.key))
  end
  local function value(offset, brace)
    local path = here()
    if path and not found[path] then
      found[path] = place(offset)
    end
    if brace then
      local entry = path and found[path]
      if entry then
        entry.from = offset
      end
      open[#open + 1] = { path = path or '?', entry = entry, array = brace == '[', index = 0 }
    end
  end

  local at = 1
  while true do
    at = text:find('[^%s]', at)
    if not at then
      return found
    end
    local char = text:sub(at, at)
    local top = open[#open]
    if char == '"' then
      local last = at + 1
      while true do
        last = text:find('["\\\n]', last)
        if not last or text:sub(last, last) ~= '\\' then
          break
        end
        last = last + 2
      end
      if not last then
        return found
      end
      if top and not top.array and not top.key then
        local ok, key = pcall(vim.fn.json_decode, text:sub(at, last))
        top.key = ok and key or text:sub(at + 1, last - 1)
        found[here()] = found[here()] or place(at)
      else
        value(at)
      end
      at = last + 1
    elseif char == '{' or char == '[' then
      value(at, char)
      at = at + 1
    elseif char == '}' or char == ']' then
      if top then
        if top.entry then
          top.entry.to = at
        end
        open[#open] = nil
      end
      at = at + 1
    elseif char == ',' then
      if top then
        top.index, top.key = top.index + 1, nil
      end
      at = at + 1
    elseif text:sub(at, at + 1) == '//' then
      at = text:find('\n', at, true) or #text + 1
    elseif text:sub(at, at + 1) == '/*' then
      local _, last = text:find('*/', at + 2, true)
      at = (last or #text) + 1
    elseif char == ':' then
      at = at + 1
    else
      value(at)
      at = text:find('[%s,%]}]', at) or #text + 1
    end
  end
end

--- The place of a node: its ref, else its kind, else its brace. A node that is not in the text, as an iteration of a loop, has the
--- place of what it lies in.
function M.node(places, path)
  while path ~= '' do
    local place = places[path .. '/ref'] or places[path .. '/kind'] or places[path]
    if place then
      return place
    end
    path = path:gsub('/[^/]*$', '')
  end
  return places['/kind'] or places['']
end

--- The pointer of the innermost node around an offset, counted from 1; nil where there is none.
function M.around(places, offset)
  local best
  for path, place in pairs(places) do
    if place.from and place.from <= offset and offset <= (place.to or math.huge) and places[path .. '/kind'] and places[path .. '/spec']
      and (path == '/spec' or path == '/teardownSpec' or path:find('/steps/%d+$')) and (not best or #path > #best) then
      best = path
    end
  end
  return best
end

return M
