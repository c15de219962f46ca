// A world of its own for one test: workspace, home, cache, daemon socket. Nothing of the user's is read or written.

import { execFile, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const testsDir = dirname(dirname(fileURLToPath(import.meta.url)));
export const repository = dirname(dirname(testsDir));
export const shotsDir = join(testsDir, "shots");

/** How long a condition may take before the test gives up. Generous: it only costs when something is broken. */
export const PATIENCE_MS = 60_000;
/** Between two looks at a condition that nobody announces. */
const LOOK_AGAIN_MS = 20;

/** Where the binaries under test are. */
function binaries() {
    const target = process.env.CARGO_TARGET_DIR ?? join(repository, "target");
    const dir = process.env.TML_BIN_DIR ?? join(target, "debug");
    for (const name of ["tml", "tmld"]) {
        if (!existsSync(join(dir, name))) {
            throw new Error(`\`${join(dir, name)}\` is missing: cargo build -p client -p server`);
        }
    }
    return dir;
}

/** Waits until `look` returns something true, and returns that. */
export async function until(what, look, patience = PATIENCE_MS) {
    const deadline = Date.now() + patience;
    for (;;) {
        const seen = await look();
        if (seen) {
            return seen;
        }
        if (Date.now() > deadline) {
            throw new Error(`timed out waiting until ${what}`);
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
}

/** Sandboxes that are not closed yet. */
const open = new Set();

// The way out that `after` hooks do not see: an interrupt, a timeout of the whole suite.
process.on("exit", () => open.forEach((sandbox) => sandbox.abandon()));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.once(signal, () => process.exit(1));
}

export class Sandbox {
    /** @param edits replacements in the workspace's files before anything starts: [path, from, to] */
    constructor(edits = []) {
        // Short, because a socket's path may have no more than 107 bytes.
        this.dir = mkdtempSync(join(tmpdir(), "tml-ed-"));
        this.workspace = join(this.dir, "figures");
        cpSync(join(testsDir, "workspace"), this.workspace, { recursive: true });
        for (const [path, from, to] of edits) {
            const text = this.read(path);
            if (!text.includes(from)) {
                throw new Error(`\`${path}\` has no \`${from}\``);
            }
            writeFileSync(join(this.workspace, path), text.replace(from, to));
        }
        const own = (name, mode = 0o755) => {
            const dir = join(this.dir, name);
            mkdirSync(dir, { mode });
            return dir;
        };
        this.groups = [];
        open.add(this);
        this.env = {
            PATH: [binaries(), process.env.PATH].join(delimiter),
            HOME: own("home"),
            XDG_RUNTIME_DIR: own("run", 0o700),
            XDG_CONFIG_HOME: own("config"),
            XDG_DATA_HOME: own("data"),
            XDG_STATE_HOME: own("state"),
            XDG_CACHE_HOME: own("cache"),
            TML_CACHE_DIR: own("objects"),
            TMPDIR: own("tmp"),
            LANG: "C.UTF-8",
            NO_COLOR: "1",
        };
    }

    path(name) {
        return join(this.workspace, name);
    }

    read(name) {
        return readFileSync(this.path(name), "utf8");
    }

    /** Runs a program to its end; never throws for its exit code. */
    run(program, args, options = {}) {
        return new Promise((resolve, reject) => {
            const all = { cwd: this.workspace, env: this.env, timeout: PATIENCE_MS * 2, ...options };
            execFile(program, args, all, (error, stdout, stderr) => {
                if (error !== null && typeof error.code !== "number") {
                    reject(new Error(`${program} ${args.join(" ")}: ${error.message}\n${stdout}${stderr}`));
                    return;
                }
                resolve({ code: error?.code ?? 0, stdout, stderr });
            });
        });
    }

    tml(...args) {
        return this.run("tml", args);
    }

    /** What `tml daemon status` says, by its first words, or undefined. */
    async daemon() {
        const { stdout } = await this.tml("daemon", "status");
        if (!stdout.startsWith("running")) {
            return undefined;
        }
        const field = (name) => stdout.match(new RegExp(`^${name} +(.*)$`, "m"))?.[1] ?? "";
        return {
            pid: Number(field("running").match(/pid (\d+)/)?.[1]),
            clients: Number(field("clients")),
            root: field("workspace"),
        };
    }

    /** Starts a program that runs beside the test, in a process group of its own. */
    spawn(program, args, options) {
        const child = spawn(program, args, { env: this.env, stdio: ["ignore", "pipe", "pipe"], ...options, detached: true });
        if (child.pid !== undefined) {
            this.groups.push(child.pid);
        }
        return child;
    }

    /** Ends a program and whatever it started: politely, then not. */
    async end(child) {
        if (child?.pid === undefined) {
            return;
        }
        kill(-child.pid, "SIGTERM");
        await until("a program has ended", () => !isGroupAlive(child.pid), 10_000).catch(() => kill(-child.pid, "SIGKILL"));
        this.groups = this.groups.filter((group) => group !== child.pid);
    }

    /** Ends everything at once, for a test that could not end. */
    abandon() {
        this.groups.forEach((group) => kill(-group, "SIGKILL"));
        spawnSync("tml", ["daemon", "stop"], { cwd: this.workspace, env: this.env, timeout: 5_000 });
        this.#remove();
    }

    #remove() {
        rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
        open.delete(this);
    }

    /** Ends the daemon and removes everything. Fails if the daemon does not obey. */
    async close() {
        let stubborn;
        const running = await this.daemon();
        if (running !== undefined) {
            await this.tml("daemon", "stop");
            try {
                await until("the daemon has stopped", () => !isAlive(running.pid), 10_000);
            } catch (error) {
                kill(running.pid, "SIGKILL");
                stubborn = error;
            }
        }
        this.#remove();
        if (stubborn !== undefined) {
            throw stubborn;
        }
    }
}

/** Signals a process or, negative, a group; it may be gone already. */
function kill(pid, signal) {
    try {
        process.kill(pid, signal);
    } catch {
        // It is.
    }
}

/** Whether a process runs. One that ended but that nobody has waited for does not. */
export function isAlive(pid) {
    return processes().some((process) => process.pid === pid);
}

/** Whether any process of a group runs. */
export function isGroupAlive(group) {
    return processes().some((process) => process.group === group);
}

function processes() {
    const found = [];
    for (const name of readdirSync("/proc")) {
        if (!/^\d+$/.test(name)) {
            continue;
        }
        try {
            // `PID (NAME) STATE PARENT GROUP …`; the name may contain anything.
            const stat = readFileSync(`/proc/${name}/stat`, "utf8");
            const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
            if (state !== "Z" && state !== "X") {
                found.push({ pid: Number(name), group: Number(group) });
            }
        } catch {
            // It ended while we looked.
        }
    }
    return found;
}
