// Neovim without a screen, with the configuration that the documentation gives to users.

import { join } from "node:path";

import { isAlive, testsDir, until } from "./sandbox.js";

const nvim = process.env.NVIM ?? join(testsDir, ".venv/nvim");
let started = 0;

export class Neovim {
    /** Starts an editor on a file of the sandbox's workspace; its own directory is elsewhere. */
    static async start(sandbox, path) {
        const editor = new Neovim(sandbox);
        try {
            await editor.#start(path);
        } catch (error) {
            await editor.close();
            throw error;
        }
        return editor;
    }

    constructor(sandbox) {
        this.sandbox = sandbox;
        this.output = "";
        started += 1;
        this.socket = join(sandbox.dir, `nvim${started}.sock`);
    }

    async #start(path) {
        const config = ["--clean", "-u", join(testsDir, "nvim/init.lua"), "-S", join(testsDir, "nvim/drive.lua")];
        const args = ["--headless", ...config, "--listen", this.socket, this.sandbox.path(path)];
        this.child = this.sandbox.spawn(nvim, args, { cwd: this.sandbox.dir });
        for (const stream of [this.child.stdout, this.child.stderr]) {
            stream.on("data", (data) => (this.output += data));
        }
        await until("Neovim answers", async () => {
            if (this.child.exitCode !== null) {
                throw new Error(`Neovim ended:\n${this.output}`);
            }
            return await this.lua("return true").catch(() => false);
        });
    }

    /** The value of a piece of Lua that ends with `return …`. */
    async lua(source) {
        const encoded = Buffer.from(source).toString("base64");
        const args = ["--server", this.socket, "--remote-expr", `v:lua.tml_drive('${encoded}')`];
        const { code, stdout, stderr } = await this.sandbox.run(nvim, args);
        if (code !== 0) {
            throw new Error(`Neovim does not answer: ${stdout}${stderr}${this.output}`);
        }
        const answer = JSON.parse(stdout);
        if (answer.error !== undefined) {
            throw new Error(answer.error);
        }
        return answer.value;
    }

    /** Waits until a piece of Lua gives something true. */
    until(what, source) {
        return until(`${what} in Neovim`, () => this.lua(source));
    }

    attached() {
        const client = "vim.lsp.get_clients({ bufnr = 0, name = 'tml' })[1]";
        return this.until("the client is attached", `local c = ${client}; return c ~= nil and c.initialized`);
    }

    diagnostics() {
        return this.lua("return vim.diagnostic.get(0)");
    }

    /** Ends the editor without saving. */
    async close() {
        if (this.child === undefined) {
            return;
        }
        // The answer never comes: the editor is gone by then.
        await this.lua("vim.schedule(function() vim.cmd('qall!') end)").catch(() => undefined);
        await until("Neovim has ended", () => !isAlive(this.child.pid), 10_000).catch(() => undefined);
        await this.sandbox.end(this.child);
    }
}
