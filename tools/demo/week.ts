import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { dayAfter } from '../../src/domain/local-time';
import { semaineOf } from '../../src/domain/planification/propositions';
import { request } from './request';
import type { DemoSystem } from './running-system';

export interface WeekOptions extends DemoSystem {
  now: Date;
  print(text: string): void;
  /** Whether somebody looks: then the picture is opened. */
  isTerminal?: boolean;
}

/** Of a plan, as the API answers it. */
interface Bilan {
  affectees: number;
  non_affectees: number;
  retard_minutes: number;
  trajet_minutes: number;
  km: number;
  ecart_charge: number;
}

interface Proposition {
  statut: string;
  motif: string | null;
  progression: { iteration: number; total: number; non_affectees: number } | null;
  avant: Bilan | null;
  bilan: Bilan | null;
  visites: unknown[];
  non_affectees: { raisons: { code: string; techniciens: number }[] }[];
  application: { statut: string; lignes: Record<string, number> } | null;
}

export interface PlannedWeek {
  semaine: string;
  proposition: Proposition;
  /** File with the picture of the week as it stands by then. */
  picture: string;
}

/** Of the search and of carrying it out, each, in milliseconds. */
const DEADLINE = 10 * 60_000;
const POLL = 1_000;

/**
 * Has next week planned, shows what it is worth beside what was planned before, has it carried out, and saves the picture.
 * @throws for an answer that is not a success, when there is nothing to plan, and for what is not over after ten minutes.
 */
export async function planWeek(options: WeekOptions): Promise<PlannedWeek> {
  const { print } = options;
  const api = await Caller.signIn(options);
  const semaine = semaineOf(dayAfter(options.now.toISOString().slice(0, 10), 7));
  print(`Planning the week ${semaine}`);
  const asked = await api.call('POST', '/planning/generer', { semaine });
  const path = asked.headers.get('location')!.replace(/^.*\/api\/v1/, '');

  const ready = await follow(
    api,
    path,
    ({ statut }) => statut !== 'en_cours',
    (found) => {
      const { progression } = found;
      if (progression !== null)
        print(`  ${percent(progression)} of the steps, ${progression.non_affectees} without a place`);
    },
  );
  if (ready.statut !== 'prete')
    throw new Error(`The proposal is ${ready.statut} (${ready.motif ?? 'no reason'})`);
  if (ready.visites.length === 0)
    throw new Error('There is nothing to plan: fill the system with npm run seed');
  print(comparison(ready));

  print(`\nCarrying it out, line by line`);
  await api.call('POST', `${path}/application`, {});
  const applied = await follow(
    api,
    path,
    ({ application }) => application?.statut === 'terminee',
    ({ application }) => application && print(`  ${application.lignes.restantes} lines left`),
  );
  print(outcome(applied));

  const picture = await savePicture(api, semaine, options.saveDir);
  const address = `${options.url}/api/v1/planning/semaine.svg?semaine=${semaine}`;
  print(`\nThe picture of the week: ${picture}\n  asked of ${address}`);
  if (options.isTerminal) openFile(picture);
  return { semaine, proposition: applied, picture };
}

/** Asks until it is so, and tells of each tenth of the way. */
async function follow(
  api: Caller,
  path: string,
  isOver: (found: Proposition) => boolean,
  tell: (found: Proposition) => void,
): Promise<Proposition> {
  const end = Date.now() + DEADLINE;
  for (let told = -1; ; ) {
    const found = (await (await api.call('GET', path)).json()) as Proposition;
    if (isOver(found)) return found;
    const tenth = tenthOf(found);
    if (tenth !== told) tell(found);
    told = tenth;
    if (Date.now() > end) throw new Error(`${path} is not over after ${DEADLINE / 60_000} minutes`);
    await sleep(POLL);
  }
}

function tenthOf({ progression, application, visites }: Proposition): number {
  const part =
    application === null
      ? (progression?.iteration ?? 0) / (progression?.total ?? 1)
      : application.lignes.restantes! / Math.max(1, visites.length);
  return Math.floor(10 * part);
}

function percent({ iteration, total }: { iteration: number; total: number }): string {
  return `${String(Math.round((100 * iteration) / total)).padStart(3)} %`;
}

const MEASURES: readonly (readonly [field: keyof Bilan, title: string])[] = [
  ['affectees', 'visits planned'],
  ['non_affectees', 'without a place'],
  ['retard_minutes', 'minutes after deadlines'],
  ['trajet_minutes', 'minutes of travel'],
  ['km', 'kilometres'],
  ['ecart_charge', 'minutes from a fair share'],
];

function comparison({ avant, bilan, non_affectees }: Proposition): string {
  const rows = MEASURES.map(([field, title]) =>
    [title.padEnd(28), ...[avant, bilan].map((plan) => String(plan?.[field] ?? '–').padStart(10))].join(''),
  );
  const reasons = new Map<string, number>();
  for (const { raisons } of non_affectees)
    for (const { code, techniciens } of raisons) reasons.set(code, (reasons.get(code) ?? 0) + techniciens);
  const left = [...reasons].map(([code, count]) => `${code} ${count}`).join(', ');
  return [
    `\n${''.padEnd(28)}${'before'.padStart(10)}${'after'.padStart(10)}`,
    ...rows,
    ...(left === '' ? [] : [`Why work is left out, techniciens by reason: ${left}`]),
  ].join('\n');
}

function outcome({ application }: Proposition): string {
  const lines = Object.entries(application!.lignes).filter(([, count]) => count > 0);
  return `Lines: ${lines.map(([result, count]) => `${count} ${result}`).join(', ')}`;
}

async function savePicture(api: Caller, semaine: string, saveDir: string): Promise<string> {
  const response = await api.call('GET', `/planning/semaine.svg?semaine=${semaine}`);
  await mkdir(saveDir, { recursive: true });
  const file = join(saveDir, `semaine-${semaine}.svg`);
  await writeFile(file, Buffer.from(await response.arrayBuffer()));
  return file;
}

/** With whatever opens pictures here; where nothing does, its path has been printed. */
function openFile(file: string): void {
  const opener = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open';
  const child = spawn(opener, [pathToFileURL(file).href], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}

/** Speaks to the API as somebody who has signed in. */
class Caller {
  private constructor(
    private readonly url: string,
    private readonly token?: string,
  ) {}

  static async signIn({ url, email, password }: DemoSystem): Promise<Caller> {
    const response = await new Caller(url).call('POST', '/auth/login', { email, password });
    const { access_token } = (await response.json()) as { access_token: string };
    return new Caller(url, access_token);
  }

  /** @throws when the API cannot be reached, or answers anything but a success. */
  async call(method: string, path: string, body?: object): Promise<Response> {
    const response = await request(this.url, method, path, { token: this.token, body });
    if (response.ok) return response;
    throw new Error(`${method} /api/v1${path} was answered ${response.status}: ${await response.text()}`);
  }
}
