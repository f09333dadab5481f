// Somebody who types into a document that is open in a language server, with an editor that asks for completion and for
// findings at each keystroke and waits for both.
import { Client, now } from './client.mjs';

export class Typist {
  #version = 1;
  #pulls;
  #whole;
  #lines = [0];

  /** Starts the server, opens a document of this text, and waits for its findings, which took `firstMs`. */
  static async start(server, text) {
    const typist = new Typist();
    await typist.#open(server, text);
    return typist;
  }

  async #open(server, text) {
    this.server = server;
    this.client = new Client(server);
    const { result: { capabilities } } = await this.client.request('initialize', {
      processId: process.pid, rootUri: null, workspaceFolders: null, capabilities: clientCapabilities, initializationOptions: server.options ?? {},
    });
    this.#pulls = capabilities.diagnosticProvider !== undefined;
    if (this.#pulls !== (server.pushDelayMs === undefined)) {
      throw new Error(`${server.name} ${this.#pulls ? 'is asked for findings' : 'sends findings by itself'}, which was not expected`);
    }
    this.#whole = (capabilities.textDocumentSync.change ?? capabilities.textDocumentSync) === 1;
    this.client.notify('initialized', {});
    server.configure?.(this.client);
    this.#set(text);
    const { items, arrived } = await this.#findings(() => this.client.notify('textDocument/didOpen', {
      textDocument: { uri: server.uri, languageId: server.languageId, version: 1, text },
    }));
    this.firstMs = arrived - this.client.begun;
    this.found = items;
  }

  /** The findings after what `change` sends, and when they arrived. */
  async #findings(change) {
    const pushed = this.#pulls ? undefined : this.client.published();
    change();
    const { result, arrived } = await (pushed ?? this.client.request('textDocument/diagnostic', { textDocument: { uri: this.server.uri } }));
    return { items: result.items, arrived };
  }

  #set(text) {
    this.text = '';
    this.#lines = [0];
    this.#add(text);
  }

  /** Adds to the end. It must not look at the text before, which grows to hundreds of thousands of characters one by one. */
  #add(text) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      this.#lines.push(this.text.length + at + 1);
    }
    this.text += text;
  }

  #position(offset) {
    let line = this.#lines.length - 1;
    while (this.#lines[line] > offset) {
      line--;
    }
    return { line, character: offset - this.#lines[line] };
  }

  /** Replaces `removed` characters at an offset, and returns the change as it is sent. */
  #replace(offset, removed, inserted) {
    const change = { range: { start: this.#position(offset), end: this.#position(offset + removed) }, text: inserted };
    if (offset === this.text.length) {
      this.#add(inserted);
    } else {
      this.#set(this.text.slice(0, offset) + inserted + this.text.slice(offset + removed));
    }
    return change;
  }

  #send(changes) {
    this.client.notify('textDocument/didChange', {
      textDocument: { uri: this.server.uri, version: ++this.#version },
      contentChanges: this.#whole ? [{ text: this.text }] : changes,
    });
  }

  /** Types at the end of the text, each character as a change of its own, and waits once for the findings. */
  async append(characters) {
    const changes = Array.from(characters, character => this.#replace(this.text.length, 0, character));
    this.found = (await this.#findings(() => this.#send(changes))).items;
  }

  /**
   * One keystroke: a change, then completion behind it, then findings. Answers the milliseconds that each of the two was
   * waited for. Of a server that sends findings by itself they count from the change, without the time that it lets a
   * document rest.
   */
  async keystroke(offset, removed, inserted) {
    const position = () => this.#position(offset + inserted.length);
    const changes = [this.#replace(offset, removed, inserted)];
    const begun = now();
    const pushed = this.#pulls ? undefined : this.#findings(() => this.#send(changes));
    if (this.#pulls) {
      this.#send(changes);
    }
    const completed = await this.client.request('textDocument/completion', {
      textDocument: { uri: this.server.uri }, position: position(), context: { triggerKind: 1 },
    });
    const asked = this.#pulls ? now() : begun + this.server.pushDelayMs;
    const { items, arrived } = await (pushed ?? this.#findings(() => {}));
    this.found = items;
    return {
      completionMs: completed.arrived - begun,
      findingsMs: Math.max(0, arrived - asked),
      offered: (completed.result?.items ?? completed.result ?? []).length,
    };
  }

  /** What the server has cost, once it has ended. */
  async end() {
    const cost = this.client.cost();
    await this.client.end();
    return cost;
  }
}

/** What an editor of today says that it can do. */
const clientCapabilities = {
  general: { positionEncodings: ['utf-16'] },
  workspace: { configuration: true, workspaceFolders: true, diagnostics: { refreshSupport: true } },
  textDocument: {
    completion: {
      contextSupport: true,
      insertTextMode: 2,
      completionList: { itemDefaults: ['commitCharacters', 'editRange', 'insertTextFormat', 'insertTextMode', 'data'] },
      completionItem: {
        snippetSupport: true, documentationFormat: ['markdown', 'plaintext'], preselectSupport: true, deprecatedSupport: true, tagSupport: { valueSet: [1] },
        resolveSupport: { properties: ['documentation', 'detail', 'additionalTextEdits'] }, insertReplaceSupport: true, labelDetailsSupport: true,
        insertTextModeSupport: { valueSet: [1, 2] },
      },
    },
    diagnostic: { relatedInformation: true, tagSupport: { valueSet: [1, 2] }, codeDescriptionSupport: true },
    publishDiagnostics: { relatedInformation: true, tagSupport: { valueSet: [1, 2] }, codeDescriptionSupport: true, versionSupport: true },
  },
};
