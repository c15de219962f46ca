// The client for VS Code: starts or attaches to the engine, and knows nothing of the language.

import * as vscode from "vscode";
import {
    LanguageClient,
    LanguageClientOptions,
    RevealOutputChannelOn,
    ServerOptions,
    State,
    TransportKind,
} from "vscode-languageclient/node";
import { showMir } from "./mir";

let client: LanguageClient | undefined;
let status: vscode.StatusBarItem | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
    status = vscode.window.createStatusBarItem("tml.status", vscode.StatusBarAlignment.Left);
    status.name = "TML engine";
    status.command = "tml.showStatus";
    context.subscriptions.push(
        status,
        vscode.commands.registerCommand("tml.restartServer", restart),
        vscode.commands.registerCommand("tml.showStatus", showStatus),
        vscode.commands.registerCommand("tml.build", () => runInTerminal("build")),
        vscode.commands.registerCommand("tml.run", () => runInTerminal("run")),
        vscode.commands.registerCommand("tml.showMir", () => showMir(executable(), "code")),
        vscode.commands.registerCommand("tml.showPasses", () => showMir(executable(), "passes")),
        vscode.tasks.registerTaskProvider("tml", { provideTasks: tasks, resolveTask: resolve }),
        vscode.workspace.onDidChangeConfiguration(async (change) => {
            if (change.affectsConfiguration("tml.path")) {
                await restart();
            }
        }),
    );
    await start();
}

export async function deactivate(): Promise<void> {
    await client?.stop();
}

function executable(): string {
    return vscode.workspace.getConfiguration("tml").get<string>("path", "tml");
}

/// The folder whose engine we talk to: that of the active file, else the first.
function folder(): vscode.WorkspaceFolder | undefined {
    const active = vscode.window.activeTextEditor?.document.uri;
    const own = active && vscode.workspace.getWorkspaceFolder(active);
    return own ?? vscode.workspace.workspaceFolders?.[0];
}

async function start(): Promise<void> {
    const cwd = folder()?.uri.fsPath;
    // `tml lsp` pipes to the workspace's daemon and starts it when there is none.
    const server: ServerOptions = {
        command: executable(),
        args: ["lsp"],
        options: { cwd },
        transport: TransportKind.stdio,
    };
    const options: LanguageClientOptions = {
        documentSelector: [{ scheme: "file", language: "tml" }],
        diagnosticCollectionName: "tml",
        revealOutputChannelOn: RevealOutputChannelOn.Never,
    };
    const started = new Client("tml", "TML", server, options);
    client = started;
    // The client restarts an engine that went away by itself; the status bar follows.
    started.onDidChangeState(({ newState }) => {
        if (started === client) {
            showState(newState);
        }
    });
    try {
        await started.start();
    } catch (error) {
        show("$(error) TML", `The TML engine does not start: ${String(error)}`);
        // Activation must not wait for the user.
        void offerSettings();
    }
}

async function offerSettings(): Promise<void> {
    const choice = await vscode.window.showErrorMessage(
        `The TML engine does not start. Is \`${executable()}\` installed?`,
        "Open Settings",
    );
    if (choice !== undefined) {
        await vscode.commands.executeCommand("workbench.action.openSettings", "tml.path");
    }
}

/// Failures go to the output channel; what the user has to know, we say once and in our own words.
class Client extends LanguageClient {
    override error(message: string, data?: unknown): void {
        super.error(message, data, false);
    }
}

function showState(state: State): void {
    switch (state) {
        case State.Starting:
            show("$(sync~spin) TML", "Starting the TML engine");
            break;
        case State.Running:
            show("$(check) TML", "The TML engine is running");
            break;
        case State.Stopped:
            show("$(circle-slash) TML", "The TML engine is not running");
            break;
    }
}

async function restart(): Promise<void> {
    const old = client;
    client = undefined;
    await old?.stop().catch(() => undefined);
    await start();
}

function show(text: string, tooltip: string): void {
    if (status !== undefined) {
        status.text = text;
        status.tooltip = tooltip;
        status.show();
    }
}

interface EngineStatus {
    pid: number;
    version: string;
    root: string;
    files: number;
    memoryBytes: number;
    revision: number;
    activity: string;
}

async function showStatus(): Promise<void> {
    if (client === undefined) {
        return;
    }
    const now = await client.sendRequest<EngineStatus>("tml/status", {});
    const memory = Math.round(now.memoryBytes / (1024 * 1024));
    await vscode.window.showInformationMessage(
        `TML ${now.version}, pid ${now.pid}: ${now.files} files, ${memory} MiB, revision ${now.revision}, ${now.activity}`,
    );
}

function runInTerminal(verb: "build" | "run"): void {
    const cwd = folder()?.uri;
    const name = `tml ${verb}`;
    const terminal =
        vscode.window.terminals.find((open) => open.name === name) ??
        vscode.window.createTerminal({ name, cwd });
    terminal.show();
    const tml = executable();
    terminal.sendText(`${tml.includes(" ") ? `"${tml}"` : tml} ${verb}`);
}

/// What `tasks.json` may say: `{ "type": "tml", "verb": "build" }`.
interface TmlTask extends vscode.TaskDefinition {
    verb: string;
    args?: string[];
}

function tasks(): vscode.Task[] {
    const target = folder();
    if (target === undefined) {
        return [];
    }
    return ["build", "check", "run"].map((verb) => task({ type: "tml", verb }, target));
}

/// Completes a task that `tasks.json` defines.
function resolve(given: vscode.Task): vscode.Task | undefined {
    const target = typeof given.scope === "object" ? given.scope : folder();
    // VS Code wants the very definition back that it asked about.
    return target && task(given.definition as TmlTask, target);
}

function task(definition: TmlTask, target: vscode.WorkspaceFolder): vscode.Task {
    const args = [definition.verb, ...(definition.args ?? [])];
    const run = new vscode.ProcessExecution(executable(), args, { cwd: target.uri.fsPath });
    const made = new vscode.Task(definition, target, definition.verb, "tml", run, "$tml");
    made.group = definition.verb === "build" ? vscode.TaskGroup.Build : undefined;
    return made;
}
