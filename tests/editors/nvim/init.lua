-- The section "Neovim" of docs/editors.md, word for word; a test compares them.
vim.filetype.add({ extension = { tml = 'tml' } })

vim.lsp.config('tml', {
  -- Started in the workspace, wherever Neovim itself was started.
  cmd = function(dispatchers, config)
    return vim.lsp.rpc.start({ 'tml', 'lsp' }, dispatchers, { cwd = config.root_dir })
  end,
  filetypes = { 'tml' },
  -- The outermost directory with a manifest: one client for all packages of a workspace.
  root_dir = function(buffer, start)
    local file = vim.api.nvim_buf_get_name(buffer)
    local found = vim.fs.find('tml.toml', { path = file, upward = true, limit = math.huge })
    start(vim.fs.dirname(found[#found] or file))
  end,
})
vim.lsp.enable('tml')
