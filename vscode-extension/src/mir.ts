// What the compiler makes of the function under the cursor: its code as the engine writes it out.

import { execFile } from "node:child_process";
import { promises as fs } from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";

/// `code` is the function after all passes, `passes` what each of them changes.
export type Shown = "code" | "passes";

/// Shows the function under the cursor beside its source.
export async function showMir(tml: string, shown: Shown): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined || editor.document.languageId !== "tml") {
        return;
    }
    const { document } = editor;
    const name = await functionAt(document, editor.selection.active);
    if (name === undefined) {
        await vscode.window.showInformationMessage("No function is under the cursor.");
        return;
    }
    await document.save();
    const title = { location: vscode.ProgressLocation.Window, title: `TML: ${name}` };
    const text = await vscode.window.withProgress(title, () => emitted(tml, document.fileName, shown));
    if (text === undefined) {
        await vscode.window.showWarningMessage("The file has errors, or nothing of it is compiled.");
        return;
    }
    const found = chunks(text, shown).filter((chunk) => segments(chunk.symbol).includes(name));
    const content =
        found.map((chunk) => chunk.text).join("\n") ||
        `// Nothing is compiled of \`${name}\`: no one calls it, or it is part of its callers.\n`;
    const language = shown === "passes" ? "diff" : "plaintext";
    const beside = await vscode.workspace.openTextDocument({ content, language });
    await vscode.window.showTextDocument(beside, vscode.ViewColumn.Beside, true);
}

/// The innermost function around a position.
async function functionAt(
    document: vscode.TextDocument,
    at: vscode.Position,
): Promise<string | undefined> {
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>(
        "vscode.executeDocumentSymbolProvider",
        document.uri,
    );
    const functions = [
        vscode.SymbolKind.Function,
        vscode.SymbolKind.Method,
        vscode.SymbolKind.Constructor,
    ];
    let inside = symbols ?? [];
    let name: string | undefined;
    for (;;) {
        const next = inside.find((symbol) => symbol.range.contains(at));
        if (next === undefined) {
            return name;
        }
        name = functions.includes(next.kind) ? next.name : name;
        inside = next.children;
    }
}

/// All that is emitted for the package of a file, or for the file alone.
async function emitted(tml: string, file: string, shown: Shown): Promise<string | undefined> {
    const what = shown === "code" ? [] : ["--diff", "all", "-O", "2"];
    const owner = await packageOf(path.dirname(file));
    const input = owner === undefined ? [file] : [];
    const cwd = owner ?? path.dirname(file);
    const stderr = await new Promise<string>((resolve) => {
        const limits = { cwd, maxBuffer: 16 * 1024 * 1024 };
        execFile(tml, ["emit", "mir", ...what, ...input], limits, (_, __, said) => resolve(said));
    });
    const paths = [...stderr.matchAll(/^emit: (.*)$/gm)].map((match) => match[1] ?? "");
    if (paths.length === 0) {
        return undefined;
    }
    const texts = await Promise.all(paths.map((it) => fs.readFile(path.resolve(cwd, it), "utf8")));
    return texts.join("\n");
}

/// The directory of the nearest manifest.
async function packageOf(dir: string): Promise<string | undefined> {
    for (let at = dir; ; at = path.dirname(at)) {
        const exists = await fs.access(path.join(at, "tml.toml")).then(
            () => true,
            () => false,
        );
        if (exists) {
            return at;
        }
        if (path.dirname(at) === at) {
            return undefined;
        }
    }
}

interface Chunk {
    symbol: string;
    text: string;
}

/// What belongs to each function: from a line that names it to the next one.
function chunks(text: string, shown: Shown): Chunk[] {
    const head = shown === "passes" ? /^=== (.*): \w+ \(\d+\)$/ : /^func @("(?:[^"\\]|\\.)*"|[^ (]+)/;
    const found: Chunk[] = [];
    for (const line of text.split("\n")) {
        const symbol = head.exec(line)?.[1];
        if (symbol !== undefined) {
            found.push({ symbol, text: "" });
        }
        const last = found[found.length - 1];
        if (last !== undefined) {
            last.text += `${line}\n`;
        }
    }
    return found;
}

/// The names in a symbol: a closure's symbol holds that of the function around it.
function segments(symbol: string): string[] {
    return symbol.split(/[^A-Za-z0-9_]+/);
}
