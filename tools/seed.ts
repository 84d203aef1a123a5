import { createPasswords, generatePassword } from '../src/auth/passwords';
import { createSecrets } from '../src/auth/secrets';
import { createTokenService } from '../src/auth/tokens';
import { type Config, loadConfig } from '../src/config';
import { createDataSource } from '../src/db/data-source';
import { createRenduEcrits } from '../src/services/cabinet/documents-signes';
import { setUp } from '../src/services/systeme/setup';
import { createRandom } from './lib/random';
import { fillCabinet } from './seed/cabinet';
import { type DecorCabinet, drawCabinet } from './seed/cabinet-decor';
import { type Decor, drawDecor } from './seed/decor';
import { AlreadyFilled, fill } from './seed/fill';
import { OFFRES } from './seed/rendez-vous';
import { findSystem } from './system/running';

/**
 * `npm run seed -- --size 500`: fills a believable industrial site near Khouribga and a medical practice into the system that
 * `npm start` runs, or into the database that DATABASE_URL names, which may be empty. The same number gives the same site.
 * What is there already stays as it is.
 */
async function main(): Promise<void> {
  const size = readSize(process.argv.slice(2));
  const { env, run } = await findSystem();
  const config = loadConfig(env);
  const passwords = createPasswords(config);
  const now = new Date();
  if (run === undefined) await prepare(config, passwords, now);
  const password = generatePassword();
  const decor = drawDecor(size, createRandom(size));
  const cabinet = drawCabinet(createRandom(size));
  const connect = (url: string, medical: boolean) =>
    createDataSource({ url, poolSize: 1, applicationName: 'regie-seed', medical }).initialize();
  const db = await connect(config.databaseUrl, false);
  const medical = await connect(config.databaseMedicalUrl, true).catch(async (error: unknown) => {
    await db.destroy();
    throw error;
  });
  const options = {
    secrets: createSecrets(config.dataKeys),
    motDePasse: await passwords.hashUnjudged(password),
    now,
    timeZone: config.timeZone,
  };
  const documents = createRenduEcrits();
  try {
    const site = await unlessThere(() => fill(db, decor, { ...options, trajets: config.trajets }));
    const signataires = {
      motDePasse: password,
      passwords,
      documents,
      tokens: createTokenService(config.jwt),
    };
    const practice = await fillCabinet({ db, medical }, cabinet, { ...options, signataires });
    if (!site && !practice) throw new AlreadyFilled('The site and the practice are there already');
    console.log(
      summary({ site: site ? decor : null, cabinet: practice ? cabinet : null }, password, run?.apiUrl),
    );
  } finally {
    documents.close();
    await Promise.all([db.destroy(), medical.destroy()]);
  }
}

/** @returns false when it was there. */
async function unlessThere(write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof AlreadyFilled) return false;
    throw error;
  }
}

const DEFAULT_SIZE = 500;
const MAX_SIZE = 5_000;

/** @throws for anything but one number from 1 to {@link MAX_SIZE}. */
function readSize(args: readonly string[]): number {
  if (args.length === 0) return DEFAULT_SIZE;
  const [name, value] = args.join(' ').split(/[ =]/);
  const size = Number(value);
  if (name === '--size' && Number.isInteger(size) && size >= 1 && size <= MAX_SIZE) return size;
  throw new Error(`Usage: npm run seed -- --size <open interventions, 1 to ${MAX_SIZE}>`);
}

/** The schema and an administrator, where there may be nothing yet. */
async function prepare(
  config: Config,
  passwords: ReturnType<typeof createPasswords>,
  now: Date,
): Promise<void> {
  const owner = await createDataSource({
    url: config.databaseOwnerUrl,
    owner: true,
    poolSize: 2,
    applicationName: 'regie-seed-setup',
  }).initialize();
  try {
    const first = await setUp(owner, passwords, config, now);
    if (first !== null)
      console.log(`Administrator ${first.email} created, password ${first.generatedPassword ?? 'as given'}`);
  } finally {
    await owner.destroy();
  }
}

interface Filled {
  site: Decor | null;
  cabinet: DecorCabinet | null;
}

function summary({ site, cabinet }: Filled, password: string, apiUrl: string | undefined): string {
  const accounts = [
    ...(site === null ? [] : accountsOf(site)),
    ...(cabinet === null ? [] : peopleOf(cabinet)),
  ];
  return [
    ...(site === null ? ['The site was there already'] : filledSite(site)),
    ...(cabinet === null ? ['The practice was there already'] : filledPractice(cabinet)),
    `Sign in as ${accounts.join(', ')} and so on: everybody's password is ${password} (shown this once)`,
    ...(apiUrl === undefined ? [] : [`All requests: ${apiUrl}/docs`]),
  ].join('\n');
}

const accountsOf = ({ clients, responsables, techniciens }: Decor): string[] =>
  [responsables[0]!, techniciens[0]!, clients[0]!].map(({ email }) => email);
const peopleOf = ({ gerant, medecins, secretaires }: DecorCabinet): string[] =>
  [medecins[0]!, secretaires[0]!, gerant].map(({ email }) => email);

function filledSite({ techniciens, machines, interventions }: Decor): string[] {
  return [
    `Filled: ${machines.length} machines, ${techniciens.length} techniciens, ${interventions.length} open interventions`,
    `To be booked: ${OFFRES.map(({ slug }) => slug).join(', ')}`,
    'The workflows of the interventions start within about a minute',
  ];
}

function filledPractice({ nom, medecins, secretaires, patients }: DecorCabinet): string[] {
  return [
    `${nom}: ${medecins.length} doctors, ${secretaires.length} secretaries, ${patients.length} patients`,
    'Its agenda: the last day on which it received, today, and the next two; results that wait for a doctor',
  ];
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
