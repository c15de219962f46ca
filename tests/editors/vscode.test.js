// VS Code with the packaged extension, in Chromium: what a user sees and does.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";

import { PNG } from "pngjs";

import { Code } from "./lib/code.js";
import { Sandbox, repository, until } from "./lib/sandbox.js";

const wrong = 'let side: I64 = "wide"';

describe("VS Code", { timeout: 240_000 }, () => {
    let sandbox;
    let code;

    /** A test that leaves a picture behind when it fails. */
    const step = (name, body) =>
        it(name, async () => {
            try {
                await body();
            } catch (error) {
                const { path } = await code.picture(`failed: ${name}`.replace(/\W+/g, "-"));
                error.message += `\nThe screen is in ${path}\n${await code.log()}`;
                throw error;
            }
        });

    before(async () => {
        sandbox = new Sandbox([["app/src/main.tml", "let side: I64 = longest(poster)", wrong]]);
        code = await Code.start(sandbox);
    });

    after(async () => {
        await code?.close();
        await sandbox.close();
    });

    step("colours the text before the engine has answered", async () => {
        await code.open("app/src/main.tml", "func longest");
        const colours = await until("the text is coloured", async () => {
            const seen = await code.colours("func longest(rect: Rect)");
            return seen.size >= 3 ? seen : undefined;
        });
        assert.notEqual(colours.get("func"), undefined);
    });

    step("says in the status bar that the engine runs", async () => {
        await code.statusItem().locator(".codicon-check").waitFor();
        assert.match(await code.statusItem().innerText(), /TML/);
        assert.equal((await sandbox.daemon())?.root, sandbox.workspace);
    });

    step("underlines a type error and lists it as a problem", async () => {
        await code.squiggles().first().waitFor();
        await code.press("Control+Shift+m");
        const row = code.problem("Type mismatch: expected `I64`, found `Str`");
        await row.waitFor();
        assert.match(await row.innerText(), /T056/);
        await code.click("func longest", "longest");
        assert.equal(await code.problem("Type mismatch").count(), 1);
    });

    step("says what a thing is, with its documentation", async () => {
        const text = await code.hover("frame.scaled(2)", "scaled", "by: I64");
        assert.match(text, /func scaled\(this, by: I64\) -> Rect/);
        assert.match(text, /both sides by times as long/);
    });

    step("draws all that", async () => {
        // The hover of the step before is still open, perhaps still fading in.
        await code.calm();
        const { bytes, path } = await code.picture("vscode");
        const picture = PNG.sync.read(bytes);
        assert.deepEqual([picture.width, picture.height], [1280, 800]);
        assert.ok(coloursOf(picture, { x: 0, y: 0, width: 1280, height: 800 }).size > 200, `${path} is blank`);
        const [box] = await code.boxes(code.squiggles());
        const reds = [...coloursOf(picture, box)].filter((rgb) => isRed(rgb));
        assert.ok(reds.length > 0, `${path} has no red line at ${JSON.stringify(box)}`);
        if (process.env.UPDATE_SHOTS === "1") {
            const target = join(repository, "docs/images/vscode.png");
            mkdirSync(dirname(target), { recursive: true });
            writeFileSync(target, bytes);
        }
    });

    step("shows the types that are not written", async () => {
        // Hints are part of the line as it is drawn.
        await code.line("let poster: Rect = frame.scaled(2)").waitFor();
    });

    step("explains the error where it is", async () => {
        const text = await code.hover('"wide"', '"wide"', "found `Str`");
        assert.match(text, /T056/);
    });

    step("goes to a definition in another package and back", async () => {
        await code.click("frame.scaled(2)", "scaled");
        await code.press("F12");
        await code.activeTab("lib.tml");
        await code.line("pub func scaled(this, by: I64) -> Rect {").first().waitFor();
        await code.cursorIn("pub func scaled");
        await code.command("Go Back");
        await code.activeTab("main.tml");
    });

    step("takes the error away when the text is corrected", async () => {
        await code.click('"wide"', '"wide"');
        await code.press("End", "Shift+Home");
        await code.type("let side: I64 = longest(poster)");
        await code.line("let side: I64 = longest(poster)").waitFor();
        await code.squiggles().first().waitFor({ state: "detached" });
        await code.problem("Type mismatch").waitFor({ state: "detached" });
    });

    step("underlines the right characters behind those that take two units", async () => {
        await code.click("println", "println");
        await code.press("End", "Enter");
        await code.type('println("\u{1f600}\u00e4 {lost}")');
        // While the line was not complete other parts of it were wrong.
        await until("`lost` and nothing else is underlined", async () => {
            const boxes = await code.boxes(code.squiggles());
            const { x } = await code.place("{lost}", "lost");
            return boxes.length === 1 && boxes[0].x < x && x < boxes[0].x + boxes[0].width && boxes[0].width < 60;
        });
        await code.press("Control+Shift+k");
        await code.squiggles().first().waitFor({ state: "detached" });
    });

    step("completes members with their types", async () => {
        await code.click("let total", "total");
        await code.press("End", "Enter");
        await code.type("let more: I64 = frame.");
        const row = code.suggestion("width");
        await row.first().waitFor();
        await code.suggestion("area").first().waitFor();
        await code.suggestion("scaled").first().waitFor();
        // The type of the chosen entry is shown beside it.
        await until("`width` is chosen", async () => {
            const chosen = code.page.locator(".suggest-widget.visible .monaco-list-row.focused");
            const text = await chosen.first().innerText();
            if (!text.includes("width")) {
                await code.press("ArrowDown");
                return false;
            }
            return /I64/.test(text);
        });
        await code.press("Enter");
        await code.line("let more: I64 = frame.width").waitFor();
        await code.press("Shift+Home", "Shift+Home", "Backspace", "Backspace");
        await code.line("let more").waitFor({ state: "detached" });
    });

    step("lists the symbols of the document", async () => {
        await code.press("Control+Shift+o");
        const rows = code.page.locator(".quick-input-widget .monaco-list-row");
        await rows.filter({ hasText: "longest" }).waitFor();
        await rows.filter({ hasText: "main" }).waitFor();
        await code.press("Escape");
        await code.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
    });

    step("tells about the engine on demand", async () => {
        await code.statusItem().click();
        const note = code.page.locator(".notification-toast", { hasText: /TML .*pid \d+: \d+ files/ });
        await note.waitFor();
        await code.command("Notifications: Clear All Notifications");
    });

    step("connects again when the engine was killed", async () => {
        const before = await sandbox.daemon();
        process.kill(before.pid, "SIGKILL");
        await until("there is another engine", async () => {
            const now = await sandbox.daemon();
            return now !== undefined && now.pid !== before.pid;
        });
        await code.statusItem().locator(".codicon-check").waitFor();
        // The new engine knows the text that is not saved.
        await code.hover("let side", "longest", "func longest(rect: Rect) -> I64");
        await code.click("let side", "poster");
        await code.press("End");
        await code.type(" + true");
        await code.squiggles().first().waitFor();
        for (let key = 0; key < " + true".length; key += 1) {
            await code.press("Backspace");
        }
        await code.squiggles().first().waitFor({ state: "detached" });
    });

    step("says once that the engine cannot be started, and recovers", async () => {
        const toasts = code.page.locator(".notification-toast", { hasText: "TML" });
        const settings = sandbox.path(".vscode/settings.json");
        mkdirSync(dirname(settings), { recursive: true });
        writeFileSync(settings, JSON.stringify({ "tml.path": "tml-is-not-here" }));
        await toasts.filter({ hasText: "Is `tml-is-not-here` installed?" }).waitFor();
        assert.equal(await toasts.count(), 1);
        await code.statusItem().locator(".codicon-error").waitFor();
        writeFileSync(settings, "{}");
        await code.statusItem().locator(".codicon-check").waitFor();
        await code.command("Notifications: Clear All Notifications");
    });

    step("saves and builds from the command palette", async () => {
        await code.press("Control+s");
        await until("the text is on disk", () => sandbox.read("app/src/main.tml").includes("longest(poster)"));
        await code.command("TML: Build");
        await until("the program is there", () => existsSync(sandbox.path("build/debug/app")));
        const { code: exit, stdout } = await sandbox.tml("run", "-p", "app");
        assert.deepEqual([exit, stdout], [0, "112 cells, the longest side has 8\n"]);
    });
});

/** The colours of a part of a picture, each as 0xRRGGBB. */
function coloursOf(picture, box) {
    const seen = new Set();
    const [right, bottom] = [Math.ceil(box.x + box.width), Math.ceil(box.y + box.height)];
    for (let y = Math.max(0, Math.floor(box.y)); y < Math.min(picture.height, bottom); y += 1) {
        for (let x = Math.max(0, Math.floor(box.x)); x < Math.min(picture.width, right); x += 1) {
            const at = (y * picture.width + x) * 4;
            seen.add(picture.data.readUIntBE(at, 3));
        }
    }
    return seen;
}

function isRed(rgb) {
    const [red, green, blue] = [rgb >> 16, (rgb >> 8) & 0xff, rgb & 0xff];
    return red > 180 && green < 110 && blue < 110;
}
