-- What the tests ask a running Neovim: `nvim --server SOCKET --remote-expr "v:lua.tml_drive('…')"`.

-- Runs base64-encoded Lua and answers `{"value": …}` or `{"error": …}`.
function _G.tml_drive(encoded)
  local chunk, wrong = load(vim.base64.decode(encoded), '=test')
  if chunk == nil then
    return vim.json.encode({ error = wrong })
  end
  local fine, value = xpcall(chunk, debug.traceback)
  if not fine then
    return vim.json.encode({ error = tostring(value) })
  end
  return vim.json.encode({ value = value })
end

-- The position (line and column from 0) of a word within the first line that contains a text.
function _G.tml_find(line_text, word)
  for row, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local from = line:find(line_text, 1, true)
    local col = from and line:find(word, from, true)
    if col then
      return row - 1, col - 1
    end
  end
  error(('the buffer has no `%s` in a line with `%s`'):format(word, line_text))
end

function _G.tml_go(line_text, word)
  local row, col = tml_find(line_text, word)
  vim.api.nvim_win_set_cursor(0, { row + 1, col })
end

-- Replaces a text within the first line that contains another, as an edit of the user.
function _G.tml_replace(line_text, from, to)
  local row, col = tml_find(line_text, from)
  vim.api.nvim_buf_set_text(0, row, col, row, col + #from, { to })
end

-- Asks the language server about the cursor's position and waits for the answer.
function _G.tml_ask(method, params)
  -- The buffer's real number: for 0 Neovim 0.11.4 does not send pending edits first.
  local buffer = vim.api.nvim_get_current_buf()
  local client = vim.lsp.get_clients({ bufnr = buffer, name = 'tml' })[1]
  params = params or vim.lsp.util.make_position_params(0, client.offset_encoding)
  local answer, wrong = client:request_sync(method, params, 30000, buffer)
  if answer == nil or answer.err then
    error(('%s: %s'):format(method, wrong or vim.inspect(answer.err)))
  end
  return answer.result
end
