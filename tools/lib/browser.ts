import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { cachedFolder } from './cache';
import { findOnPath, runCommand } from './commands';
import { projectRoot } from './paths';
import { step } from './progress';
import { throwawayFolder } from './throwaway-folder';

/**
 * A real browser, for what only one can tell: how a mail looks. It is Chromium, spoken to over a pipe by its DevTools
 * protocol, and ends with this process.
 */

/** Debian's name first. */
const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * What is fetched where there is none: a build of Chromium that needs no libraries but its own, for Linux on x64, from npm.
 * Change the integrity along with the version: `npm view @sparticuz/chromium dist.integrity`.
 */
const FETCHED = {
  name: '@sparticuz/chromium',
  version: '153.0.0',
  integrity:
    'sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==',
};

/** An answer takes milliseconds; a browser that hangs must not take the tests with it. */
const ANSWER_TIMEOUT = 30_000;

export interface Screen {
  /** CSS pixels. */
  width: number;
  dark: boolean;
}

export interface Page {
  /** Shows a document and waits until it is laid out. */
  show(html: string): Promise<void>;
  /** Goes to an address and waits until everything is loaded. */
  open(url: string): Promise<void>;
  setScreen(screen: Screen): Promise<void>;
  /** What a script of the page comes to: an expression, whose value JSON can carry. */
  evaluate<Value>(script: string): Promise<Value>;
  /** Presses a key, as `KeyboardEvent.key` calls it, and waits for the page that it leads to, if it does. */
  press(key: 'Tab' | 'Enter' | ' ' | 'ArrowDown', options?: { leads?: boolean }): Promise<void>;
  /** Types into what has the focus. */
  type(text: string): Promise<void>;
  /** What of the visitor the page may go by. */
  setVisitor(visitor: { timeZone: string; scripts: boolean }): Promise<void>;
  /** The whole page as a PNG, smaller by this factor. */
  picture(scale: number): Promise<Buffer>;
}

export interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

/** @throws where there is no Chromium and none can be fetched. */
export async function startBrowser(): Promise<Browser> {
  const { program, libraries } = await findBrowser();
  const folder = await throwawayFolder();
  await writeFile(join(folder.path, 'fonts.conf'), FONTS);
  const child = spawn(
    program,
    [
      '--headless=new',
      '--remote-debugging-pipe',
      '--no-first-run',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--hide-scrollbars',
      '--font-render-hinting=none',
      `--user-data-dir=${join(folder.path, 'profile')}`,
      // Chromium refuses to run as root otherwise, as which containers do.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
    {
      env: {
        ...process.env,
        HOME: folder.path,
        FONTCONFIG_FILE: join(folder.path, 'fonts.conf'),
        ...(libraries === null ? {} : { LD_LIBRARY_PATH: libraries }),
      },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    },
  );
  const protocol = new Protocol(program, child);
  return {
    newPage: async () => openPage(protocol),
    close: async () => {
      const ended = child.exitCode === null ? once(child, 'exit') : undefined;
      await protocol.ask('Browser.close').catch(() => child.kill('SIGKILL'));
      await ended;
      await folder.remove();
    },
  };
}

/** The fonts of the machine, and the project's own, so that Arabic has letters wherever there are none. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${join(projectRoot, 'node_modules', 'dejavu-fonts-ttf', 'ttf')}</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

async function findBrowser(): Promise<{ program: string; libraries: string | null }> {
  for (const name of PROGRAMS) {
    const program = findOnPath(name);
    if (program !== undefined) return { program, libraries: null };
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`No browser: install Chromium so that one of ${PROGRAMS.join(', ')} is on PATH`);
  }
  const folder = await cachedFolder(`chromium-${FETCHED.version}`, (target) =>
    step(`Fetching Chromium ${FETCHED.version} (first time only)`, () => fetchBrowser(target)),
  );
  return { program: join(folder, 'chromium'), libraries: join(folder, 'lib') };
}

async function fetchBrowser(folder: string): Promise<void> {
  const { name, version, integrity } = FETCHED;
  const source = join(folder, 'package');
  await mkdir(source);
  const manifest = { name: 'regie-browser', private: true, dependencies: { [name]: version } };
  await writeFile(join(source, 'package.json'), JSON.stringify(manifest));
  // npm checks the package against the integrity of the lock file; what it depends on is for unpacking, which we do here.
  const packages = { '': manifest, [`node_modules/${name}`]: { version, integrity } };
  const lock = { name: manifest.name, lockfileVersion: 3, packages };
  await writeFile(join(source, 'package-lock.json'), JSON.stringify(lock));
  await runCommand('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], {
    cwd: source,
  });
  const packed = join(source, 'node_modules', name, 'bin');
  await unpack(join(packed, 'chromium.br'), join(folder, 'chromium'));
  await chmod(join(folder, 'chromium'), 0o755);
  for (const archive of ['al2023.tar', 'swiftshader.tar']) {
    if (!existsSync(join(packed, `${archive}.br`))) continue;
    await unpack(join(packed, `${archive}.br`), join(folder, archive));
    await runCommand('tar', ['-xf', join(folder, archive), '-C', folder]);
    await rm(join(folder, archive));
  }
  await rm(source, { recursive: true });
}

async function unpack(from: string, to: string): Promise<void> {
  await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to));
}

async function openPage(protocol: Protocol): Promise<Page> {
  const { targetId } = await protocol.ask<{ targetId: string }>('Target.createTarget', {
    url: 'about:blank',
  });
  const { sessionId } = await protocol.ask<{ sessionId: string }>('Target.attachToTarget', {
    targetId,
    flatten: true,
  });
  const ask = <Answer>(method: string, params?: object) => protocol.ask<Answer>(method, params, sessionId);
  await ask('Page.enable');
  const { frameTree } = await ask<{ frameTree: { frame: { id: string } } }>('Page.getFrameTree');
  const evaluate: Page['evaluate'] = async <Value>(expression: string) => {
    const { result, exceptionDetails } = await ask<Evaluation>('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value as Value;
  };
  return {
    evaluate,
    show: async (html) => {
      await ask('Page.setDocumentContent', { frameId: frameTree.frame.id, html });
      await evaluate('document.fonts.ready.then(() => null)');
    },
    open: async (url) => {
      const loaded = protocol.event('Page.loadEventFired', sessionId);
      await ask('Page.navigate', { url });
      await loaded;
    },
    press: async (key, { leads = false } = {}) => {
      const loaded = leads ? protocol.event('Page.loadEventFired', sessionId) : undefined;
      const { code, keyCode, text } = KEYS[key];
      const pressed = { key, code, windowsVirtualKeyCode: keyCode, text };
      await ask('Input.dispatchKeyEvent', {
        type: text === undefined ? 'rawKeyDown' : 'keyDown',
        ...pressed,
      });
      await ask('Input.dispatchKeyEvent', { type: 'keyUp', ...pressed });
      await loaded;
    },
    type: async (text) => {
      await ask('Input.insertText', { text });
    },
    setVisitor: async ({ timeZone, scripts }) => {
      await ask('Emulation.setTimezoneOverride', { timezoneId: timeZone });
      await ask('Emulation.setScriptExecutionDisabled', { value: !scripts });
    },
    setScreen: async ({ width, dark }) => {
      await ask('Emulation.setDeviceMetricsOverride', {
        width,
        height: 900,
        deviceScaleFactor: 1,
        mobile: false,
      });
      await ask('Emulation.setEmulatedMedia', {
        features: [
          { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' },
          // What moves would be looked at while it does.
          { name: 'prefers-reduced-motion', value: 'reduce' },
        ],
      });
    },
    picture: async (scale) => {
      const [width, height] = await evaluate<[number, number]>(
        '[innerWidth, document.documentElement.scrollHeight]',
      );
      const { data } = await ask<{ data: string }>('Page.captureScreenshot', {
        format: 'png',
        captureBeyondViewport: true,
        clip: { x: 0, y: 0, width, height, scale },
      });
      return Buffer.from(data, 'base64');
    },
  };
}

/** Keys as the protocol names them; those with a text do something where they are typed. */
const KEYS = {
  Tab: { code: 'Tab', keyCode: 9, text: undefined },
  Enter: { code: 'Enter', keyCode: 13, text: '\r' },
  ' ': { code: 'Space', keyCode: 32, text: ' ' },
  ArrowDown: { code: 'ArrowDown', keyCode: 40, text: undefined },
} as const;

interface Evaluation {
  result: { value: unknown };
  exceptionDetails?: { text: string; exception?: { description?: string } };
}

/** Questions and answers of the DevTools protocol, each a line of JSON that ends with a zero byte. */
class Protocol {
  private readonly input: Writable;
  private readonly waiting = new Map<number, (message: Message) => void>();
  private readonly listeners = new Set<(message: Message) => void>();
  private complaints = '';
  private ended: Error | undefined;
  private count = 0;

  constructor(program: string, child: ChildProcess) {
    this.input = child.stdio[3] as Writable;
    this.input.on('error', () => {});
    child.stderr!.on('data', (data) => {
      this.complaints = `${this.complaints}${data}`.slice(-2_000);
    });
    let rest = '';
    const output = child.stdio[4];
    if (output instanceof Readable) {
      output.setEncoding('utf8').on('data', (data: string) => {
        const messages = `${rest}${data}`.split('\0');
        rest = messages.pop()!;
        for (const message of messages) this.receive(JSON.parse(message) as Message);
      });
    }
    const end = (reason: string) => {
      this.ended = new Error(`${program} ${reason}\n${this.complaints}`);
      for (const answer of this.waiting.values()) answer({ error: { message: this.ended.message } });
      this.waiting.clear();
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(`ended with ${signal ?? code}`));
  }

  ask<Answer>(method: string, params: object = {}, sessionId?: string): Promise<Answer> {
    if (this.ended) return Promise.reject(this.ended);
    const id = ++this.count;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => answer({ error: { message: `No answer to ${method}\n${this.complaints}` } }),
        ANSWER_TIMEOUT,
      );
      const answer = ({ error, result }: Message) => {
        clearTimeout(timer);
        this.waiting.delete(id);
        if (error) reject(new Error(error.message));
        else resolve(result as Answer);
      };
      this.waiting.set(id, answer);
      this.input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  /** Resolves when it happens the next time. */
  event(method: string, sessionId: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method} never came`)), ANSWER_TIMEOUT);
      const hear = (message: Message) => {
        if (message.method !== method || message.sessionId !== sessionId) return;
        clearTimeout(timer);
        this.listeners.delete(hear);
        resolve();
      };
      this.listeners.add(hear);
    });
  }

  private receive(message: Message): void {
    if (message.id === undefined) for (const hear of this.listeners) hear(message);
    else this.waiting.get(message.id)?.(message);
  }
}

interface Message {
  id?: number;
  method?: string;
  sessionId?: string;
  error?: { message: string };
  result?: unknown;
}
