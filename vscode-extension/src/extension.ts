// The client for VS Code: starts or attaches to the engine, and knows nothing of the language.

import * as vscode from "vscode";
import {
    LanguageClient,
    LanguageClientOptions,
    RevealOutputChannelOn,
    ServerOptions,
    TransportKind,
} from "vscode-languageclient/node";

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
        vscode.tasks.registerTaskProvider("tml", { provideTasks: tasks, resolveTask: (task) => task }),
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
    client = new LanguageClient("tml", "TML", server, options);
    show("$(sync~spin) TML", "Starting the TML engine");
    try {
        await client.start();
        show("$(check) TML", "The TML engine is running");
    } catch (error) {
        show("$(error) TML", `The TML engine does not start: ${String(error)}`);
        const choice = await vscode.window.showErrorMessage(
            `The TML engine does not start. Is \`${executable()}\` installed?`,
            "Open Settings",
        );
        if (choice !== undefined) {
            await vscode.commands.executeCommand("workbench.action.openSettings", "tml.path");
        }
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
    terminal.sendText(`${executable()} ${verb}`);
}

function tasks(): vscode.Task[] {
    const target = folder();
    if (target === undefined) {
        return [];
    }
    return ["build", "check", "run"].map((verb) => {
        const run = new vscode.ProcessExecution(executable(), [verb], { cwd: target.uri.fsPath });
        const task = new vscode.Task({ type: "tml", verb }, target, verb, "tml", run, "$tml");
        task.group = verb === "build" ? vscode.TaskGroup.Build : undefined;
        return task;
    });
}
