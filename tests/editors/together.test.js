// Several clients of one engine at once: VS Code, two Neovims, the command line.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { Code } from "./lib/code.js";
import { Neovim } from "./lib/neovim.js";
import { Sandbox, until } from "./lib/sandbox.js";

describe("All clients at once", { timeout: 240_000 }, () => {
    let sandbox;
    let code;
    let app;
    let library;

    before(async () => {
        sandbox = new Sandbox();
        // All at once: whoever comes first starts the engine, the others find it.
        const starts = [
            Code.start(sandbox).then((started) => (code = started)),
            Neovim.start(sandbox, "app/src/main.tml").then((started) => (app = started)),
            Neovim.start(sandbox, "shapes/src/lib.tml").then((started) => (library = started)),
        ];
        const failed = (await Promise.allSettled(starts)).find((start) => start.status === "rejected");
        if (failed !== undefined) {
            throw failed.reason;
        }
    });

    after(async () => {
        await code?.close();
        await Promise.all([app?.close(), library?.close()]);
        await sandbox.close();
    });

    it("share one engine", async () => {
        await Promise.all([code.open("app/src/main.tml", "func longest"), app.attached(), library.attached()]);
        await code.statusItem().locator(".codicon-check").waitFor();
        await until("all are connected", async () => (await sandbox.daemon())?.clients === 3);
    });

    it("are all answered while the others work", async () => {
        const ask = "tml_go('func ', 'func'); return #tml_ask('textDocument/documentSymbol', { textDocument = vim.lsp.util.make_text_document_params(0) })";
        const rounds = Array.from({ length: 5 }, () => [app.lua(ask), library.lua(ask), sandbox.tml("build")]);
        const hover = code.hover("frame.scaled(2)", "scaled", "by: I64");
        for (const [inApp, inLibrary, built] of await Promise.all(rounds.map((round) => Promise.all(round)))) {
            assert.equal(inApp, 2);
            assert.ok(inLibrary >= 3);
            assert.equal(built.code, 0, built.stderr);
        }
        await hover;
    });

    it("builds what is saved while an editor holds what is not", async () => {
        await app.lua("tml_replace('let side', 'longest(poster)', 'true')");
        await app.until("the error is shown", "return #vim.diagnostic.get(0) > 0");
        const { code: exit, stdout, stderr } = await sandbox.tml("run", "-p", "app");
        assert.deepEqual([exit, stdout], [0, "112 cells, the longest side has 8\n"], stderr);
        await app.lua("vim.cmd('undo')");
        await app.until("the error is gone", "return #vim.diagnostic.get(0) == 0");
    });

    it("see in one file what another client has done to another", async () => {
        await library.lua("tml_replace('func scaled', 'by: I64', 'by: Str'); vim.cmd('silent write')");
        await code.squiggles().first().waitFor();
        await app.until("the caller is wrong", "local d = vim.diagnostic.get(0)[1]; return d and d.code == 'T017'");
        const broken = await sandbox.tml("build");
        assert.equal(broken.code, 1);
        assert.match(broken.stderr, /error\[T017\]/);

        await library.lua("vim.cmd('undo'); vim.cmd('silent write')");
        await code.squiggles().first().waitFor({ state: "detached" });
        await app.until("the caller is right", "return #vim.diagnostic.get(0) == 0");
        const mended = await sandbox.tml("build");
        assert.equal(mended.code, 0, mended.stderr);
    });
});
