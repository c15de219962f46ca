// VS Code as people have it, in a browser: code-server with the packaged extension, driven through Chromium.

import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";

import { chromium } from "playwright-core";

import { PATIENCE_MS, repository, shotsDir, until } from "./sandbox.js";

const require = createRequire(import.meta.url);
const entry = join(dirname(require.resolve("code-server/package.json")), "out/node/entry.js");

/** The user's settings: nothing that moves, phones home or covers the code. */
const settings = {
    "chat.commandCenter.enabled": false,
    "editor.fontFamily": "'DejaVu Sans Mono', monospace",
    "editor.fontSize": 15,
    "editor.cursorBlinking": "solid",
    "editor.minimap.enabled": false,
    "editor.occurrencesHighlight": "off",
    "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
    "editor.renderLineHighlight": "none",
    "extensions.ignoreRecommendations": true,
    "files.autoSave": "off",
    "git.enabled": false,
    "security.workspace.trust.enabled": false,
    "telemetry.telemetryLevel": "off",
    "terminal.integrated.shellIntegration.enabled": false,
    "update.mode": "none",
    "workbench.colorTheme": "Default Dark Modern",
    "workbench.layoutControl.enabled": false,
    "workbench.reduceMotion": "on",
    "workbench.secondarySideBar.visible": false,
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": false,
    "workbench.welcomePage.walkthroughs.openOnInstall": false,
};

/** A port that nobody listens on. Another process could take it meanwhile; the start is retried then. */
function freePort() {
    return new Promise((resolve, reject) => {
        const probe = createServer();
        probe.once("error", reject);
        probe.listen(0, "127.0.0.1", () => {
            const { port } = probe.address();
            probe.close(() => resolve(port));
        });
    });
}

export class Code {
    /** Installs the extension into a fresh VS Code, starts it on the sandbox's workspace, opens it in Chromium. */
    static async start(sandbox) {
        const code = new Code(sandbox);
        try {
            await code.#install();
            await code.#serve();
            await code.#browse();
        } catch (error) {
            await code.close();
            throw error;
        }
        return code;
    }

    constructor(sandbox) {
        this.sandbox = sandbox;
        this.userData = join(sandbox.dir, "code");
        this.dirs = ["--user-data-dir", this.userData, "--extensions-dir", join(sandbox.dir, "extensions")];
        this.env = {
            ...sandbox.env,
            // Empty: no extension is looked for elsewhere.
            EXTENSIONS_GALLERY: "{}",
            // As if started from a terminal: a login shell's PATH would replace the sandbox's.
            VSCODE_CLI: "1",
        };
        this.output = "";
    }

    async #install() {
        const user = join(this.userData, "User");
        mkdirSync(user, { recursive: true });
        writeFileSync(join(user, "settings.json"), JSON.stringify(settings, null, 4));
        const vsix = process.env.TML_VSIX ?? join(repository, "vscode-extension/tml.vsix");
        const { env } = this;
        const args = [entry, ...this.dirs, "--install-extension", vsix];
        const { code, stdout, stderr } = await this.sandbox.run(process.execPath, args, { env });
        if (code !== 0 || !stdout.includes("was successfully installed")) {
            throw new Error(`the extension cannot be installed:\n${stdout}${stderr}`);
        }
    }

    async #serve() {
        const port = await freePort();
        this.address = `http://127.0.0.1:${port}`;
        const args = [entry, ...this.dirs, "--auth", "none", "--bind-addr", `127.0.0.1:${port}`];
        args.push("--disable-telemetry", "--disable-update-check", "--disable-workspace-trust");
        this.server = this.sandbox.spawn(process.execPath, args, { cwd: this.sandbox.dir, env: this.env });
        for (const stream of [this.server.stdout, this.server.stderr]) {
            stream.on("data", (data) => (this.output += data));
        }
        await until("code-server listens", async () => {
            if (this.server.exitCode !== null) {
                throw new Error(`code-server ended:\n${this.output}`);
            }
            return await fetch(`${this.address}/healthz`).then((answer) => answer.ok, () => false);
        });
    }

    async #browse() {
        this.browser = await chromium.launch({
            executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
            env: this.env,
            args: [
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        });
        this.page = await this.browser.newPage({ viewport: { width: 1280, height: 800 } });
        this.page.setDefaultTimeout(PATIENCE_MS);
        await this.page.goto(`${this.address}/?folder=${encodeURIComponent(this.sandbox.workspace)}`);
        await this.page.locator(".monaco-workbench .explorer-folders-view .monaco-list-row").first().waitFor();
    }

    /** Ends Chromium and the server with all its helpers, whatever happened before. */
    async close() {
        await this.browser?.close().catch(() => undefined);
        await this.sandbox.end(this.server);
    }

    /** Takes a picture for whoever looks at a failure, and says where it is. */
    async picture(name) {
        mkdirSync(shotsDir, { recursive: true });
        const path = join(shotsDir, `${name}.png`);
        const bytes = await this.page.screenshot({ path });
        return { path, bytes };
    }

    /** Waits until nothing moves any more. */
    async calm() {
        await this.page.evaluate(async () => {
            const ending = document.getAnimations().filter((it) => it.effect.getComputedTiming().endTime !== Infinity);
            // One that is taken away before its end is no longer to be waited for.
            await Promise.all(ending.map((it) => it.finished.catch(() => undefined)));
        });
    }

    press(...keys) {
        return keys.reduce((done, key) => done.then(() => this.page.keyboard.press(key)), Promise.resolve());
    }

    type(text) {
        return this.page.keyboard.type(text);
    }

    /** The text of the quick input (Ctrl+P, Ctrl+G, F1) is typed, its wanted entry awaited and taken. */
    async quick(key, text, entry) {
        await this.press(key);
        const input = this.page.locator(".quick-input-widget:visible input[type=text]");
        await input.waitFor();
        // What is typed extends the prefix that is there (`>` of commands, `:` of lines).
        await this.page.keyboard.type(text);
        await this.page.locator(".quick-input-widget .monaco-list-row.focused", { hasText: entry }).waitFor();
        await this.press("Enter");
        await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
    }

    command(title) {
        return this.quick("F1", title, title);
    }

    /** Opens a file by its path in the workspace and waits until its text is shown. */
    async open(path, someText) {
        const name = path.split("/").at(-1);
        await this.quick("Control+p", path, name);
        await this.activeTab(name);
        await this.line(someText).waitFor();
    }

    async activeTab(name) {
        await this.page.locator(".tab.active", { hasText: name }).waitFor();
        await this.page.locator(".editor-instance .monaco-editor .view-lines").first().waitFor();
    }

    /** A line of the editor that contains a text. Monaco writes spaces as no-break spaces. */
    line(text) {
        const spaced = text.split(" ").map(escape).join("[\\s\\u00a0]");
        return this.page.locator(".editor-instance .view-line", { hasText: new RegExp(spaced) });
    }

    /** The middle of a word within a line, on the screen. */
    async place(lineText, word) {
        return await until(`\`${word}\` is on the screen`, () =>
            this.page.evaluate(([lineText, word]) => {
                for (const line of document.querySelectorAll(".editor-instance .view-line")) {
                    const text = line.textContent.replaceAll("\u00a0", " ");
                    if (!text.includes(lineText)) {
                        continue;
                    }
                    let from = text.indexOf(word, text.indexOf(lineText));
                    const nodes = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
                    for (let node = nodes.nextNode(); node !== null && from >= 0; node = nodes.nextNode()) {
                        if (from < node.length) {
                            const range = document.createRange();
                            range.setStart(node, from);
                            range.setEnd(node, Math.min(node.length, from + word.length));
                            const box = range.getBoundingClientRect();
                            return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
                        }
                        from -= node.length;
                    }
                }
                return undefined;
            }, [lineText, word]),
        );
    }

    async click(lineText, word) {
        // A hover of something else may lie above the word.
        await this.page.mouse.move(0, 0);
        await this.press("Escape");
        await this.page.locator(".monaco-hover:not(.hidden)").waitFor({ state: "hidden" });
        const { x, y } = await this.place(lineText, word);
        await this.page.mouse.click(x, y);
    }

    /** Points at a word until the hover says what is expected of it. */
    async hover(lineText, word, wanted) {
        const widget = this.page.locator(".monaco-hover:not(.hidden)", { hasText: wanted });
        let nudge = 0;
        await until(`the hover over \`${word}\` says ${wanted}`, async () => {
            // Hints that arrive move the word; a hover that came before them is asked for anew.
            const { x, y } = await this.place(lineText, word);
            nudge = (nudge + 1) % 2;
            await this.page.mouse.move(x + nudge, y);
            return await widget.first().waitFor({ timeout: 1_500 }).then(() => true, () => false);
        });
        return (await widget.first().innerText()).replaceAll("\u00a0", " ");
    }

    /** Waits until the cursor is in a line that contains a text. */
    async cursorIn(text) {
        await until(`the cursor is in \`${text}\``, async () => {
            const [cursor] = await this.boxes(this.page.locator(".editor-instance .cursors-layer .cursor"));
            const [line] = await this.boxes(this.line(text));
            return cursor !== undefined && line !== undefined && Math.abs(cursor.y - line.y) < line.height / 2;
        });
    }

    /** The colours on the screen of the words in a line: by word, and all of them as its size. */
    async colours(lineText) {
        const pairs = await this.line(lineText).first().evaluate((line) =>
            [...line.querySelectorAll("span > span")].map((span) => [
                span.textContent.replaceAll("\u00a0", " ").trim(),
                getComputedStyle(span).color,
            ]),
        );
        const byWord = new Map(pairs);
        return { size: new Set(byWord.values()).size, get: (word) => byWord.get(word) };
    }

    /** What the extension wrote to its output channel, for whoever looks at a failure. */
    async log() {
        const { stdout } = await this.sandbox.run("find", [this.userData, "-name", "*-TML.log", "-exec", "cat", "{}", ";"]);
        return stdout;
    }

    squiggles(severity = "error") {
        return this.page.locator(`.editor-instance .squiggly-${severity}`);
    }

    /** Where elements are on the screen now, all at one moment. */
    boxes(locator) {
        return locator.evaluateAll((elements) =>
            elements.map((element) => {
                const { x, y, width, height } = element.getBoundingClientRect();
                return { x, y, width, height };
            }),
        );
    }

    /** Rows of the problems view that contain a text. */
    problem(text) {
        return this.page.locator(".markers-panel .monaco-list-row", { hasText: text });
    }

    statusItem() {
        return this.page.locator('.statusbar-item[id*="tml.status"]');
    }

    suggestion(text) {
        return this.page.locator(".suggest-widget.visible .monaco-list-row", { hasText: text });
    }
}

function escape(text) {
    return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
