import { randomUUID } from 'node:crypto';
import type { User } from '../../src/db/identite/users';
import { OccupationExterne } from '../../src/db/rendez-vous/agendas';
import { dayAfter, dayAt } from '../../src/domain/local-time';
import type { IntervenantDePrestation } from '../../src/domain/rendez-vous/prestations';
import { DEFAULT_HOURS, type Stretch, type WorkingHours } from '../../src/domain/working-time';
import { createRandom, type Random } from '../../tools/lib/random';
import { startTestApi, type TestApi } from '../support/api';
import { type Client, createClient, type Reply } from '../support/client';
import {
  makeAgendaExterne,
  makeEquipement,
  makeIntervenant,
  makeIntervention,
  makePlanning,
  makePrestation,
  makeSalle,
  makeSession,
  makeSite,
  makeTechnicien,
  makeUser,
} from '../support/factories';
import {
  type DemandeDuMonde,
  type Heures,
  MARK,
  Modele,
  type Monde,
  type PrestationDuMonde,
  type PriseDuMonde,
  type RessourceDuMonde,
  type SalleDuMonde,
  type VerdictDuMonde,
} from '../support/rendez-vous-modele';

/**
 * What is listed can be booked, and everything else is refused for the reason that `pourquoi` gives: random houses, lived in by
 * people who list, hold, book, move and cancel over the API, beside a model that shares nothing with it but the clocks.
 *
 * Each house follows from its number alone. `PARITE_MONDES=200` has as many of them, `PARITE_MONDE=17` that one.
 */

const { PARITE_MONDES, PARITE_MONDE } = process.env;
const MONDES =
  PARITE_MONDE === undefined
    ? Array.from({ length: Number(PARITE_MONDES ?? 6) }, (_, seed) => seed)
    : [Number(PARITE_MONDE)];
/** What the people of a house do. */
const STEPS = 22;
const HOUR = 3_600_000;

/** Days after which clocks change, in zones in which they do, and one on which nothing happens. */
const MOMENTS = [
  ['Europe/Paris', '2026-10-23T07:02:17Z'],
  ['Europe/Paris', '2027-03-26T16:00:00Z'],
  ['America/New_York', '2027-03-12T15:47:03Z'],
  ['Africa/Casablanca', '2026-09-18T09:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-01T22:10:00Z'],
  ['Europe/Paris', '2026-11-30T23:30:00Z'],
] as const;

let api: TestApi;
let users: { client: User; autre: User; admin: User };

beforeAll(async () => {
  api = await startTestApi();
  users = {
    client: await makeUser(api.db, { role: 'client' }),
    autre: await makeUser(api.db, { role: 'client' }),
    admin: await makeUser(api.db, { role: 'admin' }),
  };
});
afterAll(() => api.close());

it.each(MONDES)('house %i', async (seed) => {
  const vie = await emmenager(seed);
  try {
    for (let step = 0; step < STEPS; step++) await vie.vivre();
    await vie.comparer();
  } catch (error) {
    throw new Error(`House ${seed}, after\n${vie.recit.join('\n')}\n${(error as Error).message}`, {
      cause: error,
    });
  }
});

/** Somebody who asks: as holds and the caps of clients know them. */
interface Appelant {
  nom: string;
  http: Client;
  estMembre: boolean;
}

class Vie {
  readonly recit: string[] = [];
  private readonly modele: Modele;
  /** Of workshops, whose each seat is. */
  private readonly participants = new Map<string, { id: number }[]>();

  constructor(
    private readonly random: Random,
    private readonly monde: Monde,
    private readonly prestations: readonly PrestationDuMonde[],
    private readonly appelants: readonly Appelant[],
    private readonly zones: readonly string[],
  ) {
    this.modele = new Modele(monde);
  }

  async vivre(): Promise<void> {
    const { random } = this;
    await random.pick([
      () => this.lister(),
      () => this.reserver(),
      () => this.reserver(),
      () => this.reserver(),
      () => this.retenir(),
      () => this.retenir(),
      () => this.deplacer(),
      () => this.deplacer(),
      () => this.annuler(),
      () => this.finirUneRetenue(),
      () => this.refuser(),
    ])();
  }

  /** Everything once more, for everybody. */
  async comparer(): Promise<void> {
    for (const appelant of this.appelants) {
      for (const prestation of this.prestations) await this.lister(appelant, prestation);
    }
  }

  private demande(
    appelant = this.random.pick(this.appelants),
    prestation = this.random.pick(this.prestations),
  ): DemandeDuMonde {
    const { random } = this;
    return {
      prestation,
      par: appelant.nom,
      duree: random.pick(prestation.durees),
      intervenant: random.int(1, 4) === 1 ? random.pick(prestation.intervenants).id : null,
      places: 1,
      deplace: null,
    };
  }

  private appelant({ par }: DemandeDuMonde): Appelant {
    return this.appelants.find(({ nom }) => nom === par)!;
  }

  private params({ prestation, duree, intervenant, deplace }: DemandeDuMonde): string {
    return (
      `prestation=${prestation.slug}&duree=${duree}` +
      (intervenant === null ? '' : `&intervenant_id=${intervenant}`) +
      (deplace === null ? '' : `&report_de=${deplace.uid}`)
    );
  }

  /** All slots of some days, beside those of the model. @returns their starts. */
  private async lister(
    appelant?: Appelant,
    prestation?: PrestationDuMonde,
    demande = this.demande(appelant, prestation),
  ): Promise<number[]> {
    const { random, monde } = this;
    const by = this.appelant(demande);
    const zone = random.pick(this.zones);
    const from = dayAfter(dayAt(monde.maintenant, zone), random.int(-1, 2));
    const to = dayAfter(from, random.int(0, 4));
    const path = `/creneaux?${this.params(demande)}&debut=${from}&fin=${to}&fuseau_horaire=${zone}`;
    this.recit.push(`${by.nom} GET ${path}`);
    const { status, body } = await by.http.get(path);
    expect([status, body.code]).toEqual([200, undefined]);
    const listed = Object.entries(body as Record<string, Listed[]>).flatMap(([day, slots]) =>
      slots.map((slot) => ({ ...slot, day })),
    );
    const expected = this.marks().flatMap((debut) => {
      const day = dayAt(debut, zone);
      if (day < from || day > to) return [];
      const verdict = this.modele.verdict(demande, debut);
      return 'refus' in verdict ? [] : [{ debut, day, verdict }];
    });
    expect(listed.map(({ day, debut }) => [day, new Date(debut).toISOString()])).toEqual(
      expected.map(({ day, debut }) => [day, new Date(debut).toISOString()]),
    );
    for (const [index, { debut, verdict }] of expected.entries()) {
      const slot = listed[index]!;
      expect([debut, Date.parse(slot.fin) - debut]).toEqual([debut, demande.duree * 60_000]);
      expect(verdict.places).toContain(slot.places_restantes ?? 1);
      if (!by.estMembre) expect(slot).not.toHaveProperty('intervenants');
      else if (verdict.seances.length === 0)
        expect(new Set(slot.intervenants)).toEqual(new Set(verdict.equipes.flat()));
    }
    return expected.map(({ debut }) => debut);
  }

  /** A start, of which it may be that it can be booked, or just not. */
  private debut(demande: DemandeDuMonde): number {
    const { random, monde } = this;
    const marks = this.marks();
    const libres = marks.filter((debut) => !('refus' in this.modele.verdict(demande, debut)));
    const sien = monde.prises.find(({ retenu }) => retenu?.par === demande.par);
    if (sien !== undefined && random.int(1, 3) === 1) return sien.debut;
    if (libres.length > 0 && random.int(1, 10) <= 6) return random.pick(libres);
    const bords = [
      ...libres.flatMap((debut) => [debut - MARK, debut + MARK]),
      ...monde.prises.flatMap(({ debut, fin }) => [debut, fin, fin - MARK]),
      Math.ceil(monde.maintenant / MARK) * MARK +
        demande.prestation.preavis.creer * 60_000 +
        random.int(-2, 2) * MARK,
      random.pick(marks),
    ].filter((debut) => debut > monde.maintenant && debut <= marks.at(-1)!);
    return bords.length === 0 ? random.pick(marks) : random.pick(bords);
  }

  private async reserver(): Promise<void> {
    const { random, monde } = this;
    const demande = this.demande();
    const by = this.appelant(demande);
    const held = monde.prises.find(({ retenu }) => retenu?.par === by.nom);
    // What is held is booked as it is held, whatever else has been booked meanwhile.
    if (held !== undefined && random.int(1, 2) === 1) return this.reserverCeQuiEstRetenu(by, held);
    if (demande.prestation.places > 1) demande.places = random.int(1, 2);
    const debut = this.debut(demande);
    await this.pourquoi(demande, debut);
    const reply = await this.post(by, '/rendez-vous', {
      ...this.corps(demande, debut),
      participants: this.qui(by, demande.places),
    });
    this.juger(demande, debut, reply);
    if (reply.status !== 201) return;
    // It was booked, so whatever else they held is let go.
    this.retirer(({ retenu }) => retenu?.par === by.nom);
    this.ajouter(demande, by, reply.body);
  }

  private async reserverCeQuiEstRetenu(by: Appelant, held: PriseDuMonde): Promise<void> {
    const { prestation, debut, fin } = held;
    const reply = await this.post(by, '/rendez-vous', {
      prestation: prestation.slug,
      debut: new Date(debut).toISOString(),
      duree: (fin - debut) / 60_000,
      retenue: held.uid,
      participants: this.qui(by, 1),
    });
    const { par_client_actifs: actifs } = prestation.plafonds;
    const siens = this.monde.prises.filter(
      (one) => one.prestation === prestation && one.client === by.nom && !one.retenu,
    );
    if (actifs !== undefined && siens.length >= actifs) {
      expect([reply.status, reply.body.code]).toEqual([409, 'PLAFOND']);
      expect(reply.body.alternatives).toEqual([]);
      return;
    }
    if (held.retenu!.expire) {
      expect([reply.status, reply.body.code]).toEqual([409, 'RETENUE_EXPIREE']);
      return;
    }
    expect([reply.status, reply.body.code, reply.body.uid]).toEqual([201, undefined, held.uid]);
    expect([reply.body.intervenants, reply.body.salles]).toEqual([held.intervenants, held.salles]);
    this.participants.set(held.uid, reply.body.participants);
    held.retenu = null;
    held.client = this.clientDe(by, held.uid);
  }

  private async retenir(): Promise<void> {
    const demande = this.demande();
    const by = this.appelant(demande);
    const debut = this.debut(demande);
    const reply = await this.post(by, '/retenues', this.corps(demande, debut));
    this.juger(demande, debut, reply);
    if (reply.status !== 201) return;
    this.retirer(({ retenu }) => retenu?.par === by.nom);
    const [row] = await api.db.query(
      'SELECT uid, fin, intervenants, salles FROM rendez_vous WHERE uid = $1',
      [reply.body.uid],
    );
    this.ajouter(demande, by, { ...row, debut: new Date(debut).toISOString() }, true);
  }

  private async deplacer(): Promise<void> {
    const one = this.choisir(({ retenu }) => retenu === null);
    if (one === undefined) return this.reserver();
    const by = this.appelants.find(({ nom }) => nom === one.client) ?? this.membre();
    const demande = {
      ...this.demande(by, one.prestation),
      duree: (one.fin - one.debut) / 60_000,
      places: one.places,
      deplace: one,
    };
    await this.lister(undefined, undefined, demande);
    const debut = this.debut(demande);
    await this.pourquoi(demande, debut);
    const reply = await this.put(by, `/rendez-vous/${one.uid}/reporter`, {
      debut: new Date(debut).toISOString(),
      ...(demande.intervenant === null ? {} : { intervenant_id: demande.intervenant }),
    });
    this.juger(demande, debut, reply);
    if (reply.status !== 200) return;
    this.retirer((other) => other === one || other.retenu?.par === by.nom);
    this.ajouter(demande, by, reply.body);
  }

  private async annuler(): Promise<void> {
    const one = this.choisir(({ retenu }) => retenu === null);
    if (one === undefined) return;
    const admin = this.membre();
    const seats = this.participants.get(one.uid)!;
    if (one.prestation.places > 1 && seats.length > 1) {
      const [left] = seats.splice(this.random.int(0, seats.length - 1), 1);
      const reply = await this.put(admin, `/rendez-vous/${one.uid}/participants/${left!.id}/annuler`);
      expect([reply.status, reply.body.places]).toEqual([200, one.places - 1]);
      one.places--;
      return;
    }
    const reply = await this.put(admin, `/rendez-vous/${one.uid}/annuler`);
    expect([reply.status, reply.body.statut]).toEqual([200, 'annule']);
    this.retirer((other) => other === one);
  }

  private async refuser(): Promise<void> {
    const one = this.choisir(
      ({ prestation, retenu }) => prestation.confirmation === 'a_valider' && retenu === null,
    );
    if (one === undefined) return this.retenir();
    const admin = this.membre();
    const acte = this.random.pick(['confirmer', 'refuser'] as const);
    const reply = await this.put(admin, `/rendez-vous/${one.uid}/${acte}`);
    if (reply.status === 200 && acte === 'refuser') this.retirer((other) => other === one);
    // It may have been accepted before.
    else expect([200, 409]).toContain(reply.status);
  }

  private async finirUneRetenue(): Promise<void> {
    // What is over may have been cleared away by whoever came by.
    const one = this.choisir(({ retenu }) => retenu?.expire === false);
    if (one === undefined) return this.retenir();
    const by = this.appelants.find(({ nom }) => nom === one.retenu!.par)!;
    if (this.random.int(1, 2) === 1) {
      this.recit.push(`${by.nom} DELETE /retenues/${one.uid}`);
      expect((await by.http.delete(`/retenues/${one.uid}`)).status).toBe(204);
      this.retirer((other) => other === one);
      return;
    }
    this.recit.push(`The hold ${one.uid} is over`);
    const over = new Date(this.monde.maintenant - 1_000);
    await api.db.query('UPDATE rendez_vous SET expire_le = $2 WHERE uid = $1', [one.uid, over]);
    one.retenu!.expire = true;
  }

  /** What was answered, beside what the model says. */
  private juger(demande: DemandeDuMonde, debut: number, { status, body }: Reply): void {
    const verdict = this.modele.verdict(demande, debut);
    if ('refus' in verdict) {
      expect([status, body.code]).toEqual([409, verdict.refus]);
      this.comparerAlternatives(demande, debut, body.alternatives);
      return;
    }
    expect([status < 300, body.code]).toEqual([true, undefined]);
    if (body.intervenants === undefined) return;
    expect(Date.parse(body.fin) - Date.parse(body.debut)).toBe(demande.duree * 60_000);
    this.permettre(demande, verdict, body);
  }

  /** The next three that are free, as far as the model sees. */
  private comparerAlternatives(
    demande: DemandeDuMonde,
    debut: number,
    alternatives: { debut: string }[],
  ): void {
    const { modele, monde } = this;
    const told = alternatives.map((one) => Date.parse(one.debut));
    const free: number[] = [];
    for (
      let at = Math.max(debut, Math.ceil(monde.maintenant / MARK) * MARK);
      modele.connait(at) && free.length < 3;
      at += MARK
    ) {
      if (!('refus' in modele.verdict(demande, at))) free.push(at);
    }
    const seen = told.filter((at) => modele.connait(at));
    expect(seen.map((at) => new Date(at))).toEqual(free.map((at) => new Date(at)));
  }

  private permettre(
    { prestation }: DemandeDuMonde,
    { equipes, seances }: Exclude<VerdictDuMonde, { refus: string }>,
    { intervenants, salles }: { intervenants: number[]; salles: number[] },
  ): void {
    const joined = seances.map((one) => [[...one.intervenants], [...one.salles]]);
    if (joined.length > 0) {
      expect(joined).toContainEqual([intervenants, salles]);
      return;
    }
    const sorted = (ids: readonly number[]) => [...ids].sort((a, b) => a - b);
    expect(equipes.map(sorted)).toContainEqual(sorted(intervenants));
    const count = prestation.salles.reduce((sum, { nombre }) => sum + nombre, 0);
    expect([salles.length, new Set(salles).size]).toEqual([count, count]);
  }

  /** Why not, as members may ask. */
  private async pourquoi(demande: DemandeDuMonde, debut: number): Promise<void> {
    const by = this.membre();
    const asked = { ...demande, par: by.nom, places: demande.deplace?.places ?? 1 };
    const path = `/creneaux/pourquoi?${this.params(asked)}&debut=${new Date(debut).toISOString()}`;
    this.recit.push(`${by.nom} GET ${path}`);
    const { status, body } = await by.http.get(path);
    const verdict = this.modele.verdict(asked, debut);
    expect([status, body.refus]).toEqual([200, 'refus' in verdict ? verdict.refus : null]);
    for (const genre of ['intervenants', 'salles'] as const) {
      for (const { id, obstacle } of body[genre] as { id: number; obstacle: string | null }[]) {
        const one = this.monde[genre].find((known) => known.id === id)!;
        expect([genre, id, obstacle]).toEqual([genre, id, this.modele.obstacle(asked, one, genre, debut)]);
      }
    }
  }

  private marks(): number[] {
    const first = Math.floor((this.monde.maintenant - 26 * HOUR) / MARK);
    return Array.from({ length: (DAYS * 24 * HOUR) / MARK }, (_, index) => (first + index) * MARK);
  }

  private membre(): Appelant {
    return this.appelants.find(({ estMembre }) => estMembre)!;
  }

  private corps({ prestation, duree, intervenant }: DemandeDuMonde, debut: number) {
    return {
      prestation: prestation.slug,
      debut: new Date(debut).toISOString(),
      duree,
      ...(intervenant === null ? {} : { intervenant_id: intervenant }),
    };
  }

  /** Clients book for themselves, members each time for somebody else. */
  private qui(by: Appelant, places: number) {
    return Array.from({ length: places }, (_, index) => ({
      nom: `Personne ${index}`,
      email: index === 0 && !by.estMembre ? `${by.nom}@exemple.ma` : `${randomUUID()}@exemple.ma`,
    }));
  }

  private clientDe(by: Appelant, uid: string): string {
    return by.estMembre ? `somebody of ${uid}` : by.nom;
  }

  private choisir(which: (one: PriseDuMonde) => boolean): PriseDuMonde | undefined {
    const some = this.monde.prises.filter(which);
    return some.length === 0 ? undefined : this.random.pick(some);
  }

  private retirer(which: (one: PriseDuMonde) => boolean): void {
    this.monde.prises = this.monde.prises.filter((one) => !which(one));
  }

  private ajouter(
    { prestation, places, duree, deplace }: DemandeDuMonde,
    by: Appelant,
    { uid, debut, intervenants, salles, participants }: Prise,
    retenu = false,
  ): void {
    if (participants !== undefined && deplace === null) this.participants.set(uid, [...participants]);
    const from = Date.parse(debut);
    this.monde.prises.push({
      uid,
      prestation,
      debut: from,
      fin: from + duree * 60_000,
      intervenants,
      salles,
      places,
      client: deplace?.client ?? this.clientDe(by, uid),
      retenu: retenu ? { par: by.nom, expire: false } : null,
    });
  }

  private post(by: Appelant, path: string, body: object): Promise<Reply> {
    this.recit.push(`${by.nom} POST ${path} ${JSON.stringify(body)}`);
    return by.http.post(path, body);
  }

  private put(by: Appelant, path: string, body: object = {}): Promise<Reply> {
    this.recit.push(`${by.nom} PUT ${path} ${JSON.stringify(body)}`);
    return by.http.put(path, body);
  }
}

/** A slot as it is listed. */
interface Listed {
  debut: string;
  fin: string;
  places_restantes?: number;
  intervenants?: number[];
}

interface Prise {
  uid: string;
  debut: string;
  intervenants: number[];
  salles: number[];
  participants?: { id: number }[];
}

/** So many days are looked at, from the day before. */
const DAYS = 9;

/** A house with all that is in it, in the database and for the model. */
async function emmenager(seed: number): Promise<Vie> {
  const random = createRandom(seed);
  const [zone, iso] = random.pick(MOMENTS);
  const maintenant = Date.parse(iso);
  api.app.clock = () => new Date(maintenant);
  const zones = [...new Set([zone, 'UTC', 'Asia/Tokyo', 'America/New_York', 'Africa/Casablanca'])];
  const day = (offset: number) => dayAfter(dayAt(maintenant, zone), offset);

  const hours = (): WorkingHours =>
    Object.fromEntries(
      [1, 2, 3, 4, 5, 6, 7].flatMap((weekday) => {
        if (random.int(1, 6) === 1) return [];
        // On the hour where clocks may change; also before and after noon.
        const first = random.int(0, 9) * 60;
        const morning: Stretch = [first, first + random.int(1, 4) * 60];
        const afternoon: Stretch = [810, random.int(15, 19) * 60];
        const night: Stretch = [1_320, 1_440];
        return [
          [
            weekday,
            [
              morning,
              ...(random.int(1, 3) > 1 ? [afternoon] : []),
              ...(random.int(1, 4) === 1 ? [night] : []),
            ],
          ],
        ];
      }),
    );
  const closings = random.int(1, 3) === 1 ? [[day(2), day(2)] as const] : [];
  const siteHours = random.pick([null, hours()]);
  const site = await makeSite(api.db, {
    fuseau_horaire: zone,
    pays: 'BE',
    horaires: siteHours,
    fermetures: closings.map(([date_debut, date_fin]) => ({
      date_debut,
      date_fin,
      motif: 'Travaux',
    })) as never,
  });
  const maison: Heures = { zone, hours: siteHours ?? DEFAULT_HOURS, closings, exceptions: new Map() };

  const moment = () => Math.ceil(maintenant / MARK) * MARK + random.int(0, 5 * 24 * 12) * MARK;
  const pris = (most: number) =>
    Array.from({ length: random.int(0, most) }, () => {
      const from = moment();
      return [from, from + random.int(2, 30) * MARK] as const;
    });
  const exceptions = (): Heures['exceptions'] =>
    new Map(
      random.int(1, 3) === 1
        ? [
            [
              day(random.int(0, 4)),
              random.pick([
                [],
                [[600, 690]],
                [
                  [780, 960],
                  [1_000, 1_080],
                ],
              ]) as Stretch[],
            ] as const,
          ]
        : [],
    );
  const rows = (given: Heures['exceptions']) => [...given].map(([date, plages]) => ({ date, plages }));

  async function somebody(): Promise<RessourceDuMonde> {
    const own = random.pick([null, hours(), hours()]);
    const ownZone = random.pick([null, null, random.pick(zones)]);
    const special = exceptions();
    const absences = random.int(1, 4) === 1 ? [[day(random.int(0, 3)), day(random.int(3, 4))] as const] : [];
    const away = pris(1);
    const visits = sansChevauchement(pris(4));
    const technicien = await makeTechnicien(api.db, {
      absences: away.map(([from, to], index) => ({
        id: index + 1,
        debut: new Date(from).toISOString(),
        fin: new Date(to).toISOString(),
        motif: 'formation',
      })),
    } as never);
    const row = await makeIntervenant(api.db, {
      user_id: technicien.user_id,
      site_id: site.id,
      fuseau_horaire: ownZone,
      pays: 'BE',
      horaires: own as never,
      exceptions: rows(special) as never,
      absences: absences.map(([date_debut, date_fin]) => ({
        date_debut,
        date_fin,
        motif: null,
        remplacant_id: null,
      })),
    });
    const equipement = await makeEquipement(api.db);
    for (const [from, to] of visits) {
      const intervention = await makeIntervention(api.db, {
        equipement_id: equipement.id,
        createur_id: users.admin.id,
        technicien_id: technicien.id,
      });
      await makePlanning(api.db, {
        intervention_id: intervention.id,
        technicien_id: technicien.id,
        date_planifiee: new Date(from),
        duree_estimee: (to - from) / 60_000,
      });
    }
    const elsewhere = random.int(1, 2) === 1 ? pris(2) : [];
    if (elsewhere.length > 0) {
      // Read so lately, as long as the house is lived in, that a booking need not wait for it.
      const { id: agenda_id } = await makeAgendaExterne(api.db, {
        intervenant_id: row.id,
        rafraichi_le: new Date(Date.now() + 3_600_000),
      });
      for (const [from, to] of elsewhere) {
        await api.db.manager.insert(OccupationExterne, {
          ...{ agenda_id, debut: new Date(from), fin: new Date(to) },
          ...{ objet: Buffer.alloc(32), uid: Buffer.alloc(32) },
        });
      }
    }
    return {
      id: row.id,
      zone: ownZone ?? zone,
      hours: own ?? maison.hours,
      closings,
      exceptions: special,
      absences,
      pris: [...away, ...visits, ...elsewhere],
    };
  }

  const ALWAYS: WorkingHours = Object.fromEntries(
    [1, 2, 3, 4, 5, 6, 7].map((weekday) => [weekday, [[0, 1_440]]]),
  );
  async function room(): Promise<SalleDuMonde> {
    const own = random.pick([null, null, hours()]);
    const special = exceptions();
    const capacite = random.int(1, 4);
    const etiquettes = random.pick([[], ['video'], ['video', 'calme']]);
    const given = {
      capacite,
      etiquettes,
      site_id: site.id,
      horaires: own as never,
      exceptions: rows(special) as never,
    };
    const { id } = await makeSalle(api.db, given);
    const open = { zone, hours: own ?? ALWAYS, closings, exceptions: special };
    return { id, capacite, etiquettes, absences: [], pris: [], ...open };
  }

  const intervenants: RessourceDuMonde[] = [];
  for (let left = random.int(1, 4); left > 0; left--) intervenants.push(await somebody());
  const salles: SalleDuMonde[] = [];
  for (let left = random.int(0, 3); left > 0; left--) salles.push(await room());
  // Somewhere else: whatever is booked here never has it.
  await makeSalle(api.db, { site_id: (await makeSite(api.db)).id, etiquettes: ['video', 'calme'] });

  async function offer(): Promise<PrestationDuMonde> {
    const who: IntervenantDePrestation[] = intervenants
      .filter((_, index) => index === 0 || random.int(1, 4) > 1)
      .map(({ id }) => ({ id, obligatoire: random.int(1, 4) === 1, priorite: random.int(0, 1), poids: 1 }));
    const rules = {
      mode: random.pick(['un', 'tour_de_role', 'collectif'] as const),
      salles:
        random.int(1, 2) === 1
          ? []
          : [
              { etiquettes: random.pick([[], ['video']]), nombre: 1 },
              ...(random.int(1, 3) === 1
                ? [{ etiquettes: random.pick([[], ['calme']]), nombre: random.int(1, 2) }]
                : []),
            ],
      places: random.pick([1, 1, 2, 3]),
      tampon_avant: random.int(0, 3) * 5,
      tampon_apres: random.pick([0, 5, 15, 60]),
      pas: random.pick([15, 20, 30, 60, 'auto'] as const),
      fenetre: random.pick([
        { jours: 3 },
        { jours: 30 },
        { jours_ouvres: random.int(0, 2) },
        { date_debut: day(1), date_fin: day(3) },
      ]),
      plafonds: random.pick([
        {},
        {},
        { par_jour: random.int(1, 3) },
        { par_semaine: random.int(2, 4) },
        { par_mois: 4 },
        { par_client_actifs: random.int(1, 2), par_jour: 4 },
      ]),
      durees: random.pick([[30], [45, 20], [60, 90]]),
      confirmation: random.pick(['immediate', 'immediate', 'a_valider'] as const),
    };
    const preavis = { creer: random.pick([0, 30, 24 * 60, 47 * 60]), modifier: 0, annuler: 0 };
    const { id, slug } = await makePrestation(api.db, { ...rules, preavis, site_id: site.id });
    for (const { id: intervenant_id, obligatoire, priorite, poids } of who) {
      await api.db.query(
        `INSERT INTO prestations_intervenants (prestation_id, intervenant_id, obligatoire, priorite, poids)
         VALUES ($1, $2, $3, $4, $5)`,
        [id, intervenant_id, obligatoire, priorite, poids],
      );
    }
    return { ...rules, preavis, id, slug, intervenants: who };
  }

  const prestations = [await offer(), await offer()];
  const appelants: Appelant[] = [];
  for (const [nom, user] of Object.entries(users)) {
    const { id: sessionId } = await makeSession(api.db, user);
    const { id: userId, email, role } = user;
    const subject = { userId, email, role: role as never, isActive: true, sessionId };
    const token = api.app.tokens.sign(subject, new Date(maintenant));
    const estMembre = role === 'admin';
    appelants.push({ nom, http: createClient(api.baseUrl, token), estMembre });
  }
  // Nobody holds anything when a house is moved into.
  await api.db.query(`UPDATE rendez_vous SET expire_le = $1 WHERE statut = 'retenu'`, [new Date(0)]);
  const monde = { maintenant, maison, intervenants, salles, prises: [] };
  const vie = new Vie(random, monde, prestations, appelants, zones);
  vie.recit.push(`${zone}, ${iso}`, ...prestations.map((one) => JSON.stringify(one)));
  return vie;
}

function sansChevauchement(pris: (readonly [number, number])[]): (readonly [number, number])[] {
  const kept: (readonly [number, number])[] = [];
  for (const one of pris) if (kept.every(([from, to]) => to <= one[0] || from >= one[1])) kept.push(one);
  return kept;
}
