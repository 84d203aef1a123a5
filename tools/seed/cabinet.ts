import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import { Access } from '../../src/auth/access';
import type { Passwords } from '../../src/auth/passwords';
import type { Principal } from '../../src/auth/principal';
import type { Secrets } from '../../src/auth/secrets';
import type { TokenService } from '../../src/auth/tokens';
import { User } from '../../src/db/identite/users';
import { openCabinets } from '../../src/db/medical';
import { queryOne } from '../../src/db/sql';
import { dayAfter, dayAt } from '../../src/domain/local-time';
import type { Appartenance, Fonction } from '../../src/domain/roles';
import { addMembre, CABINETS, PRATICIENS } from '../../src/services/cabinet/cabinets';
import { importCodes } from '../../src/services/cabinet/codes';
import { signConsultation } from '../../src/services/cabinet/consultations';
import type { RenduEcrits } from '../../src/services/cabinet/documents-signes';
import { createElement } from '../../src/services/cabinet/elements';
import { createPatient } from '../../src/services/cabinet/patients';
import { prouver } from '../../src/services/cabinet/reauthentification';
import { preparerSignature, signer } from '../../src/services/cabinet/signatures';
import { inCabinets } from '../../src/services/cabinet/transactions';
import type { Asked } from '../../src/services/crud';
import { openSession, signOut } from '../../src/services/identite/sessions';
import { createUser, updateUser } from '../../src/services/identite/users';
import { lireCodes } from '../codes/lecture';
import { projectRoot } from '../lib/paths';
import type { DecorCabinet } from './cabinet-decor';
import type { Personne } from './decor';
import { type ASigner, type CabinetOuvert, Visites } from './visites';

/** What doctors show when they sign, what compares it, what makes their documents, and with what they are signed in. */
export interface Signataires {
  motDePasse: string;
  passwords: Pick<Passwords, 'verify'>;
  documents: RenduEcrits;
  tokens: TokenService;
}

/** Where the practice is written: accounts over the connections of everything else, the rest over its own. */
export interface Bases {
  db: DataSource;
  medical: DataSource;
}

export interface CabinetOptions {
  secrets: Secrets;
  /** The hash of the password that everybody of the practice gets. */
  motDePasse: string;
  /** With the same password in clear, for what doctors sign. */
  signataires: Signataires;
  now: Date;
  timeZone: string;
}

const DAY = 24 * 3_600_000;

/**
 * Writes a practice down, with its people, its patients and their records, through the use cases of the API, each in the name
 * of who would do it. Accounts come first, by their address; the practice itself is there as a whole or not at all, so that
 * whoever was killed in between goes on by running it again. Doctors sign last, one thing after the other: what was cut off then
 * stays a draft of theirs.
 * @returns false when it is there.
 */
export async function fillCabinet(
  { db, medical }: Bases,
  decor: DecorCabinet,
  options: CabinetOptions,
): Promise<boolean> {
  if (await medical.transaction((tx) => isThere(tx, decor))) return false;
  const accounts = await db.transaction((tx) => openAccounts(tx, decor, options));
  const written = await medical.transaction(async (tx) => {
    if (await isThere(tx, decor)) return null;
    await openCabinets(tx, { userId: accounts.admin.userId, cabinets: [], administre: true });
    const filling = new Filling(tx, options);
    const id = await filling.open(decor, accounts);
    const medecins = await filling.people(id, decor, accounts);
    const patients = await filling.patients(id, decor, accounts);
    const { gerant, secretaires } = accounts;
    const cabinet = { id, gerant, secretaire: secretaires[0]!, medecins, patients };
    return filling.visites(cabinet, decor);
  });
  if (written === null) return false;
  for (const userId of accounts.medecins) {
    const theirs = written.filter((one) => one.userId === userId);
    await signerPour({ db, medical }, userId, theirs, options);
  }
  return true;
}

async function isThere(tx: EntityManager, { nom }: DecorCabinet): Promise<boolean> {
  await openCabinets(tx, { userId: 0, cabinets: [], administre: true });
  return (await queryOne(tx, sql`SELECT id FROM medical.cabinets WHERE nom = ${nom}`)) !== null;
}

/** Signs as doctors do: signed in, with their password each time, and for an écrit the document that is made of it. */
async function signerPour(
  { db, medical }: Bases,
  userId: number,
  aSigner: readonly ASigner[],
  { secrets, signataires, now }: CabinetOptions,
): Promise<void> {
  const sessionId = await connecter(db, userId, signataires.tokens, now);
  const access = new Access({ ...principal(userId, 'membre', []), sessionId });
  const preuve = { mot_de_passe: signataires.motDePasse };
  for (const { genre, id, date } of aSigner) {
    const actor = actorOf(userId, date);
    if (genre === 'consultation') {
      await prouver({ db, secrets, passwords: signataires.passwords }, actor, preuve);
      await inCabinets(medical, access, (tx) =>
        signConsultation({ tx, access, actor, secrets }, id, 'mot_de_passe', null),
      );
      continue;
    }
    const services = { db, medical, secrets, ...signataires };
    const demande = { preuve, forcer: null, expected: null };
    const prepared = await preparerSignature(services, access, actor, genre, id, demande);
    await inCabinets(medical, access, (tx) => signer({ tx, access, actor, secrets }, genre, id, prepared));
  }
  // Over the connections of everything else, which know of no practice.
  const outside = new Access({ ...principal(userId, 'membre'), sessionId });
  await db.transaction((tx) => signOut(tx, outside, actorOf(userId, now)));
}

/** Signs somebody of the practice in. @returns the id of their session. */
async function connecter(db: DataSource, userId: number, tokens: TokenService, now: Date): Promise<string> {
  const actor = actorOf(userId, now);
  const account = await db.manager.findOneByOrFail(User, { id: userId });
  const { access_token } = await db.transaction((tx) => openSession(tx, tokens, actor, account, 'seed'));
  return tokens.verify(access_token, now).sid;
}

interface Accounts {
  admin: Principal;
  gerant: number;
  medecins: number[];
  secretaires: number[];
}

/** Everybody's account, and the codes that doctors look for. */
async function openAccounts(
  tx: EntityManager,
  { gerant, medecins, secretaires }: DecorCabinet,
  options: CabinetOptions,
): Promise<Accounts> {
  const found = await queryOne<{ id: number }>(
    tx,
    sql`SELECT id FROM users WHERE role = 'admin' AND is_active ORDER BY id LIMIT 1`,
  );
  if (found === null) throw new Error('There is no administrator: start the system once');
  const admin = principal(found.id, 'admin');
  await importCodes(
    tx,
    lireCodes(readFileSync(join(projectRoot, 'tools', 'seed', 'cim10.csv'), 'utf8')).codes,
  );
  const open = (person: Personne) => openAccount(tx, admin, person, options);
  const all = { gerant: await open(gerant), medecins: [] as number[], secretaires: [] as number[] };
  for (const one of medecins) all.medecins.push(await open(one));
  for (const one of secretaires) all.secretaires.push(await open(one));
  return { admin, ...all };
}

async function openAccount(
  tx: EntityManager,
  admin: Principal,
  { prenom, nom, email }: Personne,
  { secrets, motDePasse, now }: CabinetOptions,
): Promise<number> {
  const known = await queryOne<{ id: number }>(tx, sql`SELECT id FROM users WHERE email = ${email}`);
  const actor = actorOf(admin.userId, now);
  if (known !== null) {
    // Of a time before that was cut off: nobody was told what they sign in with.
    await updateUser(tx, motDePasse, new Access(admin), actor, known.id, {}, null, null);
    return known.id;
  }
  const fields = {
    ...{ prenom, nom, email, role: 'membre' as const, site_ids: [], tous_sites: null },
    ...{ is_active: true, langue: 'fr' as const, telephone: null },
  };
  const { user } = await createUser(tx, secrets, motDePasse, new Access(admin), actor, fields, null);
  return user.id;
}

function principal(userId: number, role: Principal['role'], appartenances?: Appartenance[]): Principal {
  return {
    ...{ userId, role, technicienId: null, sites: [], tousSites: role === 'admin', langue: 'fr' },
    ...{ sessionId: null, cleApiId: null, chemins: null, secondFacteur: false },
    ...(appartenances !== undefined && { appartenances }),
  };
}

const actorOf = (userId: number, now: Date) => ({
  ...{ userId, cleApiId: null, now, correlationId: 'seed', adresse: null },
});

/** Writes in one transaction, in the name of one after the other. */
class Filling {
  private readonly today: string;

  constructor(
    private readonly tx: EntityManager,
    private readonly options: CabinetOptions,
  ) {
    this.today = dayAt(options.now.getTime(), options.timeZone);
  }

  /** Somebody who does something in the practice, so many days ago. */
  private async as(
    userId: number,
    cabinetId: number,
    fonction: Fonction,
    days = 0,
  ): Promise<Asked & { secrets: Secrets }> {
    return this.at(userId, cabinetId, fonction, new Date(this.options.now.getTime() - days * DAY));
  }

  private async at(
    userId: number,
    cabinetId: number,
    fonction: Fonction,
    now: Date,
  ): Promise<Asked & { secrets: Secrets }> {
    await openCabinets(this.tx, { userId, cabinets: [cabinetId], administre: false });
    return {
      tx: this.tx,
      access: new Access(principal(userId, 'membre', [{ cabinetId, fonction }])),
      actor: actorOf(userId, now),
      secrets: this.options.secrets,
    };
  }

  /** The practice, and who runs it. */
  async open({ nom, adresse, telephone }: DecorCabinet, { admin, gerant }: Accounts): Promise<number> {
    const { tx } = this;
    const access = new Access({ ...admin, appartenances: [] });
    const asked = { tx, access, actor: actorOf(admin.userId, this.options.now) };
    const fields = {
      nom,
      adresse,
      telephone,
      fuseau_horaire: this.options.timeZone,
      pays: 'MA',
      actif: true,
    };
    const { id } = await CABINETS.create(asked, fields);
    await addMembre(asked, id, this.since(gerant, 'gerant'));
    return id;
  }

  private since(user_id: number, fonction: Fonction) {
    return { user_id, fonction, date_debut: dayAfter(this.today, -500), date_fin: null };
  }

  /** @returns the doctors, in their order. */
  async people(
    id: number,
    { medecins }: DecorCabinet,
    accounts: Accounts,
  ): Promise<CabinetOuvert['medecins']> {
    const doctors: { userId: number; praticien: number }[] = [];
    const asked = await this.as(accounts.gerant, id, 'gerant');
    for (const user of accounts.secretaires) await addMembre(asked, id, this.since(user, 'secretaire'));
    for (const [index, { titre, specialite, inpe, email }] of medecins.entries()) {
      const user_id = accounts.medecins[index]!;
      await addMembre(asked, id, this.since(user_id, 'medecin'));
      const numbers = { inpe, rpps: null, numero_ordre: null, email, telephone: null };
      const { id: praticien } = await PRATICIENS.create(asked, {
        ...{ cabinet_id: id, user_id, titre, specialite, ...numbers, actif: true },
      });
      doctors.push({ userId: user_id, praticien });
    }
    return doctors;
  }

  /** Each entered by the doctor who treats them; what is written of them by whoever was there. */
  async patients(
    cabinetId: number,
    { patients }: DecorCabinet,
    accounts: Accounts,
  ): Promise<CabinetOuvert['patients']> {
    const entered: { id: number; medecin: number }[] = [];
    for (const { medecin, cin, elements, ...fields } of patients) {
      const doctor = accounts.medecins[medecin]!;
      const first = await this.as(doctor, cabinetId, 'medecin', ENTERED);
      const { id } = await createPatient(first, cabinetId, {
        ...fields,
        ...{ lieu_naissance: null, date_deces: null, email: null, actif: true },
        ...(cin === null
          ? { statut_identite: 'provisoire', justificatif: null, identifiants: [] }
          : {
              ...{ statut_identite: 'validee', justificatif: 'carte_identite' },
              identifiants: [{ type: 'cin', valeur: cin }],
            }),
      });
      entered.push({ id, medecin });
      for (const { nature, contenu, jours } of elements) {
        const asked = await this.as(doctor, cabinetId, 'medecin', jours);
        await createElement(asked, nature, id, { contenu, date_effet: null } as never);
      }
    }
    return entered;
  }

  /** When doctors receive, who comes, and what laboratories send. @returns what is to be signed. */
  async visites(cabinet: CabinetOuvert, decor: DecorCabinet): Promise<ASigner[]> {
    const au = (userId: number, fonction: Fonction, now: Date) => this.at(userId, cabinet.id, fonction, now);
    const visites = new Visites({ ...this.options, au }, cabinet);
    await visites.recevoir(await visites.ouvrir(), decor.visites);
    await visites.analyser(decor.examens);
    return visites.aSigner;
  }
}

/** Days ago. */
const ENTERED = 420;
