// Neovim 0.11 with the configuration from docs/editors.md.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";

import { Neovim } from "./lib/neovim.js";
import { Sandbox, repository, testsDir } from "./lib/sandbox.js";

const wrong = 'let side: I64 = "wide"';

describe("Neovim", { timeout: 180_000 }, () => {
    let sandbox;
    let nvim;

    before(async () => {
        sandbox = new Sandbox([["app/src/main.tml", "let side: I64 = longest(poster)", wrong]]);
        nvim = await Neovim.start(sandbox, "app/src/main.tml");
        await nvim.attached();
    });

    after(async () => {
        await nvim?.close();
        await sandbox.close();
    });

    // What a failed test has left behind is not the next one's trouble.
    beforeEach(async () => {
        await nvim.lua("vim.cmd('stopinsert'); if vim.bo.modified then vim.cmd('silent edit!') end");
    });

    const noDiagnostics = () => nvim.until("there is no diagnostic", "return #vim.diagnostic.get(0) == 0");

    it("attaches one client to the workspace, wherever it was started", async () => {
        const roots = await nvim.lua(
            "return vim.tbl_map(function(c) return c.root_dir end, vim.lsp.get_clients({ name = 'tml' }))",
        );
        assert.deepEqual(roots, [sandbox.workspace]);
        assert.equal((await sandbox.daemon())?.root, sandbox.workspace);
    });

    it("shows a type error with its code and its place", async () => {
        await nvim.until("a diagnostic is shown", "return #vim.diagnostic.get(0) > 0");
        const [first, ...others] = await nvim.diagnostics();
        assert.deepEqual(others, []);
        assert.match(first.message, /expected `I64`, found `Str`/);
        assert.equal(first.code, "T056");
        assert.equal(first.severity, 1);
        const line = sandbox.read("app/src/main.tml").split("\n")[first.lnum];
        assert.equal(line.slice(first.col, first.end_col), '"wide"');
    });

    it("takes the error away when the text is corrected, and brings it back", async () => {
        await nvim.lua(`tml_replace('let side', '"wide"', 'longest(poster)')`);
        await noDiagnostics();
        await nvim.lua(`tml_replace('let side', 'longest(poster)', 'longest(true)')`);
        await nvim.until("the new error is shown", "local d = vim.diagnostic.get(0)[1]; return d and d.code == 'T017'");
        await nvim.lua(`tml_replace('let side', 'longest(true)', 'longest(poster)'); vim.cmd('silent write')`);
        await noDiagnostics();
    });

    it("counts columns right behind characters of several bytes", async () => {
        await nvim.lua(`tml_replace('println', '{total}', '\u00e4\u{1f600} {totaly}')`);
        await nvim.until("the error is shown", "return #vim.diagnostic.get(0) > 0");
        const [found] = await nvim.diagnostics();
        const text = await nvim.lua(
            `local d = vim.diagnostic.get(0)[1]; return vim.api.nvim_buf_get_text(0, d.lnum, d.col, d.end_lnum, d.end_col, {})[1]`,
        );
        assert.equal(text, "totaly", found.message);
        await nvim.lua(`tml_replace('println', '\u00e4\u{1f600} {totaly}', '{total}')`);
        await noDiagnostics();
    });

    it("says what a function is, with its documentation", async () => {
        const hover = await nvim.lua(
            "tml_go('= longest', 'longest'); return tml_ask('textDocument/hover').contents.value",
        );
        assert.match(hover, /func longest\(rect: Rect\) -> I64/);
        assert.match(hover, /The longer of a rectangle's two sides\./);
    });

    it("shows the hover in a window", async () => {
        await nvim.lua("tml_go('let frame', 'frame'); vim.lsp.buf.hover()");
        await nvim.until(
            "the window is there",
            `for _, window in ipairs(vim.api.nvim_list_wins()) do
                if vim.api.nvim_win_get_config(window).relative ~= '' then
                    local lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
                    if table.concat(lines, '\\n'):find('Rect', 1, true) then
                        vim.api.nvim_win_close(window, true)
                        return true
                    end
                end
            end
            return false`,
        );
    });

    it("completes members with their types", async () => {
        await nvim.lua(`
            local row = tml_find('let total', 'let')
            vim.api.nvim_buf_set_lines(0, row, row, false, { '    let more: I64 = frame.' })
        `);
        const items = await nvim.lua(`
            local document = vim.lsp.util.make_text_document_params(0)
            local position = { line = tml_find('let more', 'let'), character = #'    let more: I64 = frame.' }
            local context = { triggerKind = 2, triggerCharacter = '.' }
            local params = { textDocument = document, position = position, context = context }
            local result = tml_ask('textDocument/completion', params)
            return result.items or result`);
        const about = (name) => JSON.stringify(items.find((item) => item.label.startsWith(name)) ?? null);
        assert.match(about("width"), /I64/);
        assert.match(about("area"), /I64/);
        assert.match(about("scaled"), /Rect/);
        await nvim.lua(`
            local row = tml_find('let more', 'let')
            vim.api.nvim_buf_set_lines(0, row, row + 1, false, {})`);
        await noDiagnostics();
    });

    it("lists the symbols of the document", async () => {
        const symbols = await nvim.lua(`
            local document = { textDocument = vim.lsp.util.make_text_document_params(0) }
            return tml_ask('textDocument/documentSymbol', document)`);
        assert.deepEqual(symbols.map((symbol) => symbol.name).sort(), ["longest", "main"]);
    });

    it("colours names by their meaning", async () => {
        const kinds = async (lineText, word) =>
            await nvim.lua(`
                local row, col = tml_find('${lineText}', '${word}')
                local tokens = vim.lsp.semantic_tokens.get_at_pos(0, row, col) or {}
                return table.concat(vim.tbl_map(function(token) return token.type end, tokens), ' ')`);
        await nvim.until(
            "tokens have come",
            `local row, col = tml_find('= longest', 'longest')
            return #(vim.lsp.semantic_tokens.get_at_pos(0, row, col) or {}) > 0`,
        );
        assert.match(await kinds("= longest", "longest"), /function/);
        assert.match(await kinds("frame.scaled", "scaled"), /method/);
        assert.match(await kinds("func longest", "Rect"), /struct/);
        assert.match(await kinds("Shape::Square", "Square"), /enumMember/);
    });

    it("shows the types that are not written", async () => {
        const hints = await nvim.lua(`
            local document = vim.lsp.util.make_text_document_params(0)
            local all = { start = { line = 0, character = 0 }, ['end'] = { line = 99, character = 0 } }
            return tml_ask('textDocument/inlayHint', { textDocument = document, range = all })`);
        assert.deepEqual(hints.map((hint) => hint.label), [": Rect", ": Rect", ": I64"]);
    });

    it("shows the parameters of the function being called", async () => {
        const help = await nvim.lua(`
            local row, col = tml_find('frame.scaled(2)', '2)')
            vim.api.nvim_win_set_cursor(0, { row + 1, col })
            return tml_ask('textDocument/signatureHelp')`);
        const [{ label, parameters }] = help.signatures;
        assert.match(label, /scaled\(.*by: I64\) -> Rect/);
        const named = parameters.map(({ label: at }) => (typeof at === "string" ? at : label.slice(...at)));
        assert.equal(named[help.activeParameter], "by: I64");
    });

    it("finds the uses of a name in all packages", async () => {
        const found = await nvim.lua(`
            tml_go('frame.scaled', 'scaled')
            local client = vim.lsp.get_clients({ bufnr = 0, name = 'tml' })[1]
            local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
            params.context = { includeDeclaration = true }
            return tml_ask('textDocument/references', params)`);
        const files = found.map(({ uri }) => uri.split("/figures/")[1]).sort();
        assert.deepEqual(files, ["app/src/main.tml", "shapes/src/lib.tml"]);
    });

    it("corrects a misspelt name with one action", async () => {
        await nvim.lua("tml_replace('println', '{total}', '{totl}')");
        await nvim.until("the error is shown", "return #vim.diagnostic.get(0) > 0");
        await nvim.lua("tml_go('println', 'totl'); vim.lsp.buf.code_action({ apply = true })");
        await nvim.until("the name is right", "return pcall(tml_find, 'println', '{total}')");
        await noDiagnostics();
    });

    it("notices what another program writes", async () => {
        const library = sandbox.read("shapes/src/lib.tml");
        writeFileSync(sandbox.path("shapes/src/lib.tml"), library.replace("by: I64", "by: Str"));
        await nvim.until("the caller is wrong", "local d = vim.diagnostic.get(0)[1]; return d and d.code == 'T017'");
        writeFileSync(sandbox.path("shapes/src/lib.tml"), library);
        await noDiagnostics();
    });

    it("goes to a definition in another package with the same client", async () => {
        await nvim.lua("tml_go('frame.scaled', 'scaled'); vim.lsp.buf.definition()");
        await nvim.until("the other file is shown", "return vim.fs.basename(vim.api.nvim_buf_get_name(0)) == 'lib.tml'");
        assert.match(await nvim.lua("return vim.api.nvim_get_current_line()"), /pub func scaled/);
        await nvim.attached();
        assert.equal(await nvim.lua("return #vim.lsp.get_clients({ name = 'tml' })"), 1);
    });

    it("has the configuration that the documentation shows", () => {
        const [, ...shown] = readFileSync(join(testsDir, "nvim/init.lua"), "utf8").split("\n");
        const page = readFileSync(join(repository, "docs/editors.md"), "utf8");
        assert.ok(page.includes("```lua\n" + shown.join("\n") + "```"), "docs/editors.md shows another init.lua");
    });
});
