import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generatePassword } from '../../src/auth/passwords';
import { dayAfter, dayAt, startOfDay, withOffset } from '../../src/domain/local-time';
import { resoudre } from '../../src/domain/rendez-vous/preuve';
import { type AgendaAilleurs, evenement } from './agenda-ailleurs';
import { request } from './request';
import type { DemoSystem } from './running-system';

export interface RendezVousOptions extends DemoSystem {
  print(text: string): void;
  /** A calendar that one of the people keeps elsewhere; without one that part is told and not played. */
  agenda?: AgendaAilleurs | undefined;
  /** Of the mail catcher, where its REST API is; below the page of the mails unless said. */
  mailApi?: string | undefined;
}

/** What the week came to. */
export interface SemaineDeRendezVous {
  /** Page on which anybody books. */
  page: string;
  /** Of one who booked. */
  gestion: string;
  /** Numbers of the appointments that stand at its end. */
  rendezVous: number[];
  /** Files with figures. */
  images: string[];
}

const ZONE = 'Africa/Casablanca';
const MATIN = [540, 720] as const;
const APRES_MIDI = [840, 1_080] as const;
const OUVRE = [MATIN, APRES_MIDI];
const SEMAINE = { 1: OUVRE, 2: OUVRE, 3: OUVRE, 4: OUVRE, 5: OUVRE };
const TOUJOURS = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440]]]));
const MINUTE = 60_000;
/** What follows by itself is waited for no longer than this, in milliseconds. */
const PATIENCE = 120_000;

interface Reserve {
  uid: string;
  statut: string;
  attente: string | null;
  debut: string;
  jeton: string;
  gestion: string;
}

interface RendezVous {
  id: number;
  uid: string;
  statut: string;
  attente: string | null;
  sequence: number;
  debut: string;
  intervenants: number[];
  raison_affectation: { critere: string; charges: { id: number; charge: number }[] } | null;
}

interface Refus {
  code: string;
  alternatives?: { debut: string }[];
}

/**
 * Plays a week of a consulting house over the API, as its clients and its people use it, and tells it in French: bookings and
 * races, a workshop, turns, moves and cancellations, calendars, mails, a reminder, figures.
 * @throws when the API cannot be reached, or answers otherwise than the story goes.
 */
export async function playRendezVous(options: RendezVousOptions): Promise<SemaineDeRendezVous> {
  const scene = await Scene.open(options);
  await scene.fonder();
  await scene.reserver();
  await scene.seDisputer();
  await scene.passerLeTour();
  await scene.remplirLAtelier();
  await scene.changerDAvis();
  await scene.confirmerParCourrier();
  await scene.regarderAilleurs();
  await scene.rappeler();
  return scene.conclure();
}

type Personne = { id: number; nom: string };

class Scene {
  private chapitre = 0;
  private maison!: {
    nadia: Personne;
    karim: Personne;
    leila: Personne;
    conseil: string;
    bilan: string;
    atelier: string;
    appel: string;
    appelId: number;
  };
  /** Monday of the week that is played. */
  private readonly lundi: string;
  private premiere!: Reserve;
  private readonly fichiers: string[] = [];

  private constructor(
    private readonly options: RendezVousOptions,
    private readonly token: string,
    private readonly suffixe: string,
  ) {
    const today = dayAt(Date.now(), ZONE);
    const weekday = new Date(`${today}T12:00:00Z`).getUTCDay() || 7;
    this.lundi = dayAfter(today, 8 - weekday);
  }

  static async open(options: RendezVousOptions): Promise<Scene> {
    const { email, password } = options;
    const response = await request(options.url, 'POST', '/auth/login', { body: { email, password } });
    if (!response.ok) throw new Error(`Signing in was answered ${response.status}`);
    const { access_token } = (await response.json()) as { access_token: string };
    return new Scene(options, access_token, Date.now().toString(36));
  }

  /** People, rooms, and what can be booked. */
  async fonder(): Promise<void> {
    this.titre('Lundi matin : la maison de conseil ouvre son agenda');
    const site = await this.membre<{ id: number }>('POST', '/sites', {
      nom: `Maison de l’énergie ${this.suffixe}`,
      fuseau_horaire: ZONE,
    });
    const personne = async (prenom: string, horaires: object = SEMAINE): Promise<Personne> => {
      const user = await this.membre<{ id: number }>('POST', '/users', {
        email: `${prenom.toLowerCase()}-${this.suffixe}@maison.example`,
        password: generatePassword(),
        nom: 'Maison',
        prenom,
        role: 'technicien',
        site_ids: [site.id],
      });
      const fields = { user_id: user.id, nom_public: prenom, site_id: site.id, horaires, pays: 'ZZ' };
      const { id } = await this.membre<{ id: number }>('POST', '/intervenants', fields);
      return { id, nom: prenom };
    };
    const [nadia, karim, leila] = [await personne('Nadia'), await personne('Karim'), await personne('Leila')];
    const salle = {
      nom: `Salle Atlas ${this.suffixe}`,
      site_id: site.id,
      capacite: 4,
      etiquettes: ['atelier'],
    };
    await this.membre('POST', '/salles', salle);
    const offre = async (nom: string, more: object): Promise<{ id: number; slug: string }> => {
      const slug = `${nom.toLowerCase().replace(/[^a-z]+/g, '-')}-${this.suffixe}`;
      return this.membre('POST', '/prestations', { slug, nom, site_id: site.id, pas: 30, ...more });
    };
    const avec = (...people: Personne[]) => people.map(({ id }) => ({ id }));
    const conseil = await offre('Conseil', { durees: [30], intervenants: avec(nadia), avis: true });
    const bilan = await offre('Bilan', {
      ...{ durees: [60], mode: 'tour_de_role', tampon_apres: 15 },
      intervenants: avec(nadia, karim, leila),
      lieu: { type: 'visio', valeur: 'https://visio.example/maison' },
    });
    const atelier = await offre('Atelier', {
      ...{ durees: [120], places: 4, intervenants: avec(leila) },
      salles: [{ etiquettes: ['atelier'], nombre: 1 }],
      lieu: { type: 'salle' },
    });
    const permanence = await personne('Standard', TOUJOURS);
    const appel = await offre('Appel', {
      ...{ durees: [15], pas: 5, intervenants: avec(permanence), confirmation_email: true },
      lieu: { type: 'visio', valeur: 'https://visio.example/appel' },
    });
    this.maison = {
      ...{ nadia, karim, leila },
      ...{ conseil: conseil.slug, bilan: bilan.slug, atelier: atelier.slug, appel: appel.slug },
      appelId: appel.id,
    };
    this.dire('Nadia, Karim et Leila reçoivent du lundi au vendredi ; la salle Atlas a quatre places.');
    this.dire(
      'À réserver : un conseil avec Nadia, un bilan avec qui en a le tour, un atelier de quatre places, un appel.',
    );
  }

  /** Somebody without an account sees what is free, holds a time, and books it. */
  async reserver(): Promise<void> {
    const { conseil } = this.maison;
    this.titre('Samira réserve, sans compte');
    const free = await this.creneaux(conseil);
    const total = Object.values(free).flat().length;
    this.dire(`Elle voit ${total} créneaux dans la semaine du ${this.lundi}, à l’heure de Casablanca.`);
    const debut = this.at(0, '09:00');
    const visiteur = `samira-${this.suffixe}-visite`;
    const held = await this.public<{ uid: string; expire_le: string }>('POST', '/public/retenues', {
      ...{ prestation: conseil, debut, visiteur },
    });
    const others = Object.values(await this.creneaux(conseil)).flat();
    this.dire(
      `Le temps de remplir le formulaire, ${this.quand(debut)} lui est gardé jusqu’à ${heure(held.expire_le)} : ` +
        `les autres n’en voient plus que ${others.length}.`,
    );
    this.premiere = await this.book(conseil, debut, 'Samira Alaoui', { retenue: held.uid, visiteur });
    this.dire(`Réservé : « ${this.premiere.statut} ». Son lien, pour elle seule : ${this.premiere.gestion}`);
  }

  /** Two at once for one time: one has it, the other is told what else is free. */
  async seDisputer(): Promise<void> {
    const { conseil } = this.maison;
    this.titre('Deux personnes veulent le même créneau, au même instant');
    const debut = this.at(0, '10:00');
    const replies = await Promise.all(
      ['Youssef Tazi', 'Amal Idrissi'].map(async (nom) => ({
        nom,
        ...(await this.tryBook(conseil, debut, nom)),
      })),
    );
    const won = replies.filter(({ status }) => status === 201);
    const lost = replies.find(({ status }) => status === 409);
    if (won.length !== 1 || lost === undefined)
      throw new Error(`Of two for one slot ${won.length} were booked`);
    const refus = lost.body as Refus;
    this.dire(
      `${won[0]!.nom} l’obtient ; ${lost.nom} reçoit ${refus.code} avec ce qui est libre à cet instant :`,
    );
    for (const { debut: other } of refus.alternatives ?? []) this.dire(`  ${this.quand(other)}`);
    await this.noterPour(conseil, refus.alternatives![0]!.debut, lost.nom);
    this.dire(`${lost.nom} appelle, et la maison lui note le premier.`);
  }

  /** Five at once for four seats. */
  async remplirLAtelier(): Promise<void> {
    const { atelier } = this.maison;
    this.titre('Mercredi : cinq inscriptions pour les quatre places de l’atelier');
    const debut = this.at(2, '14:00');
    const replies = await Promise.all(
      ['Ali', 'Btissam', 'Chakir', 'Dounia', 'Ezzat'].map(async (nom) => ({
        nom,
        ...(await this.tryBook(atelier, debut, nom)),
      })),
    );
    const seated = replies.filter(({ status }) => status === 201);
    if (seated.length !== 4) throw new Error(`Four seats were given ${seated.length} times`);
    const late = replies.find(({ status }) => status !== 201)!;
    this.dire(
      `Inscrits : ${seated.map(({ nom }) => nom).join(', ')}. ${late.nom} : ${(late.body as Refus).code}.`,
    );
    const [first] = seated;
    await this.act(first!.body as Reserve, { acte: 'annuler', motif: 'Un empêchement' });
    const slot = Object.values(await this.creneaux(atelier))
      .flat()
      .find((one) => Date.parse(one.debut) === Date.parse(debut));
    this.dire(
      `${first!.nom} rend la sienne : il en reste ${slot?.places_restantes ?? 1}, que ${late.nom} prend.`,
    );
    await this.book(atelier, debut, late.nom);
  }

  /** Who receives, and why. */
  async passerLeTour(): Promise<void> {
    const { bilan, nadia, karim, leila } = this.maison;
    this.titre('Mardi : quatre bilans, à tour de rôle, pris au téléphone');
    const nameOf = (id: number) => [nadia, karim, leila].find((one) => one.id === id)?.nom ?? String(id);
    for (const [time, nom] of [
      ['09:00', 'Fatima'],
      ['10:30', 'Hicham'],
      ['14:00', 'Imane'],
      ['15:30', 'Jamal'],
    ] as const) {
      const found = await this.noterPour(bilan, this.at(1, time), nom);
      const { critere, charges = [] } = found.raison_affectation ?? { critere: 'aucun' };
      const loads = charges.map(({ id, charge }) => `${nameOf(id)} ${charge}`).join(', ');
      this.dire(
        `${nom} a rendez-vous avec ${found.intervenants.map(nameOf).join()} (${critere} ; ${loads}).`,
      );
    }
  }

  /** Moves and cancels by the link of a mail. */
  async changerDAvis(): Promise<void> {
    const { conseil } = this.maison;
    this.titre('Samira déplace, Youssef annule');
    const { jeton, uid } = this.premiere;
    const before = await this.membre<RendezVous>('GET', `/rendez-vous/${uid}`);
    await this.act(this.premiere, { acte: 'reporter', debut: this.at(3, '11:00') });
    const after = await this.membre<RendezVous>('GET', `/rendez-vous/${uid}`);
    this.dire(
      `Du ${this.quand(before.debut)} au ${this.quand(after.debut)} : le même uid, la séquence passe de ` +
        `${before.sequence} à ${after.sequence}, son agenda suit.`,
    );
    const shown = await this.public<{ actes: string[] }>('GET', `/public/gestion/${jeton}`);
    this.dire(`Ouvrir son lien ne change rien ; il permet : ${shown.actes.join(', ')}.`);
    const youssef = await this.book(conseil, this.at(4, '16:00'), 'Youssef Tazi');
    await this.act(youssef, { acte: 'annuler', motif: 'Déjà réglé' });
    const again = await request(this.options.url, 'GET', `/public/gestion/${youssef.jeton}`);
    const { code } = (await again.json()) as Refus;
    this.dire(`Celui de Youssef est annulé, son créneau est libre, et son lien répond ${code}.`);
    const lines = await this.membre<{ action: string; source: string }[]>(
      'GET',
      `/rendez-vous/${uid}/historique`,
    );
    this.dire(
      `L’histoire de celui de Samira : ${lines.map(({ action, source }) => `${action} (${source})`).join(', ')}.`,
    );
  }

  /** A service that asks for a confirmation by mail. */
  async confirmerParCourrier(): Promise<void> {
    this.titre('Un appel se confirme depuis le courrier');
    const debut = prochain(60 * MINUTE);
    const email = `kenza-${this.suffixe}@exemple.ma`;
    const booked = await this.book(this.maison.appel, debut, 'Kenza Naciri', {}, email);
    this.dire(`Pris, et pas encore certain : « ${booked.statut} », en attente de « ${booked.attente} ».`);
    const link = await this.lienDuCourrier(email, /\/rdv\/gestion\/[\w-]+\?code=([\w-]+)/);
    if (link === null) {
      this.dire(
        'Le lien est dans son courrier, que cette démonstration ne peut pas lire ici : la maison dit oui pour elle.',
      );
      await this.membre('PUT', `/rendez-vous/${booked.uid}/confirmer`, {});
    } else {
      await this.act(booked, { acte: 'confirmer', code: link[1] });
      this.dire(
        'Elle a ouvert le message et confirmé. Un antivirus qui suit les liens n’aurait rien confirmé.',
      );
    }
    const found = await this.membre<RendezVous>('GET', `/rendez-vous/${booked.uid}`);
    if (found.statut !== 'confirme') throw new Error(`The confirmed call is ${found.statut}`);
  }

  /** A calendar that is kept elsewhere, and the one under which ours is read there. */
  async regarderAilleurs(): Promise<void> {
    const { nadia, conseil } = this.maison;
    this.titre('Les agendas se tiennent au courant');
    const { url } = await this.membre<{ url: string }>('POST', `/intervenants/${nadia.id}/agenda`);
    const path = url.replace(/^.*\/api\/v1/, '');
    const feed = await (await request(this.options.url, 'GET', path)).text();
    const events = feed.match(/^BEGIN:VEVENT/gm)?.length ?? 0;
    this.dire(`L’adresse privée de l’agenda de Nadia montre ses ${events} rendez-vous à son téléphone.`);
    const { agenda } = this.options;
    if (agenda === undefined) {
      this.dire('Avec DEMO_AGENDA_URL (CalDAV), un événement noté ailleurs bloquerait ici son créneau.');
      return;
    }
    await this.membre('POST', '/agendas-externes', {
      ...{ intervenant_id: nadia.id, nom: 'Perso', genre: 'caldav', url: agenda.url },
      ...{ utilisateur: agenda.utilisateur, mot_de_passe: agenda.mot_de_passe },
    });
    const debut = this.at(4, '09:00');
    const fin = new Date(Date.parse(debut) + 45 * MINUTE);
    await agenda.noter(
      `demo-${this.suffixe}.ics`,
      evenement(`demo-${this.suffixe}`, new Date(debut), fin, 'Dentiste'),
    );
    this.dire(
      `Nadia note « Dentiste » dans son propre agenda, ${this.quand(debut)}. À l’instant même, la maison note Omar à cette heure.`,
    );
    const booked = await this.noterPour(conseil, debut, 'Omar Berrada');
    this.dire(
      `La réponse est immédiate et honnête : « ${booked.statut} », en attente de « ${booked.attente} ».`,
    );
    const after = await this.attendre(
      () => this.membre<RendezVous>('GET', `/rendez-vous/${booked.uid}`),
      ({ attente }) => attente === null,
    );
    if (after.statut !== 'refuse') throw new Error(`An hour that is taken elsewhere is ${after.statut}`);
    this.dire(
      'Son agenda relu : l’heure n’est pas libre. Omar l’apprend par un message, et choisit plus tard.',
    );
    const later = await this.noterPour(conseil, this.at(4, '10:00'), 'Omar Berrada');
    const kept = await this.attendre(
      () => this.membre<RendezVous>('GET', `/rendez-vous/${later.uid}`),
      ({ attente }) => attente === null,
    );
    this.dire(
      `${this.quand(later.debut)} : « ${kept.statut} ». De « Dentiste », Régie ne connaît que les heures.`,
    );
  }

  /** A reminder that comes by itself. */
  async rappeler(): Promise<void> {
    this.titre('Un rappel part de lui-même');
    const debut = prochain(10 * MINUTE);
    // So many minutes before the beginning lie within the next minute.
    const minutes = Math.floor((Date.parse(debut) - Date.now() - 8_000) / MINUTE);
    await this.membre('PATCH', `/prestations/${this.maison.appelId}`, {
      ...{ confirmation_email: false, rappels: [{ avant: `PT${minutes}M`, canal: 'email' }] },
    });
    const email = `rachid-${this.suffixe}@exemple.ma`;
    await this.book(this.maison.appel, debut, 'Rachid Fassi', {}, email);
    this.dire(
      `L’appel de Rachid est à ${heure(debut)}, son rappel ${minutes} minutes avant : dans un instant.`,
    );
    if (this.mailApi === undefined) {
      this.dire('Les messages vont à votre propre serveur : il part sans que la démonstration le lise.');
      return;
    }
    const mails = await this.attendre(
      () => this.courrier(email),
      (all) => all.some(({ text }) => text.includes('Rappel')),
    );
    this.dire(
      `Le voici. Ses messages, dans l’ordre : ${mails.map(({ text }) => premiereLigne(text)).join(' ; ')}.`,
    );
  }

  /** Figures, and where to look. */
  async conclure(): Promise<SemaineDeRendezVous> {
    const { options, maison } = this;
    this.titre('Vendredi soir : les chiffres');
    const fin = dayAfter(this.lundi, 6);
    const of = (rapport: string) =>
      `/rapports-rendez-vous/${rapport}?debut=${this.lundi}&fin=${fin}&fuseau_horaire=${ZONE}`;
    const people = [maison.nadia, maison.karim, maison.leila];
    const mine = (lignes: Ligne[]) => lignes.filter(({ id }) => people.some((one) => one.id === id));
    const occupation = await this.membre<{ lignes: Ligne[] }>('GET', of('occupation'));
    for (const { nom, minutes_reservees, minutes_ouvertes } of mine(occupation.lignes))
      this.dire(`${nom} : ${minutes_reservees} minutes réservées sur ${minutes_ouvertes} ouvertes.`);
    const each = await this.membre<{ lignes: Ligne[] }>('GET', of('par-intervenant'));
    for (const { nom, demandes, annules, refuses } of mine(each.lignes))
      this.dire(`${nom} : demandés ${demandes}, annulés ${annules}, refusés ${refuses}.`);
    for (const rapport of ['occupation', 'par-intervenant']) {
      const response = await request(options.url, 'GET', `${of(rapport)}&format=svg`, { token: this.token });
      await mkdir(options.saveDir, { recursive: true });
      const file = join(options.saveDir, `rendez-vous-${rapport}.svg`);
      await writeFile(file, Buffer.from(await response.arrayBuffer()));
      this.fichiers.push(file);
    }
    const standing = await this.membre<RendezVous[]>(
      'GET',
      `/rendez-vous?intervenant_id=${people.map(({ id }) => id).join()}&statut=confirme&limit=100`,
    );
    const page = `${options.url}/rdv/${maison.conseil}`;
    const first = standing.find(({ uid }) => uid === this.premiere.uid)!;
    this.titre('Où regarder');
    this.dire(`La page où l’on réserve    ${page}`);
    this.dire(`Le lien de Samira          ${this.premiere.gestion}`);
    if (options.webUi !== undefined)
      this.dire(`Le workflow de son rendez-vous  ${options.webUi}/workflows/rendez-vous-${first.id}`);
    if (options.mailUrl !== undefined) this.dire(`Les messages               ${options.mailUrl}`);
    for (const file of this.fichiers) this.dire(`Les chiffres               ${file}`);
    this.dire(`Toutes les requêtes        ${options.url}/docs`);
    return {
      page,
      gestion: this.premiere.gestion,
      rendezVous: standing.map(({ id }) => id),
      images: this.fichiers,
    };
  }

  private titre(text: string): void {
    this.options.print(`\n${++this.chapitre}. ${text}`);
  }

  private dire(text: string): void {
    this.options.print(`   ${text}`);
  }

  /** "mardi 8 décembre à 09:00" */
  private quand(instant: string): string {
    return new Date(instant).toLocaleString('fr-FR', {
      ...{
        timeZone: ZONE,
        weekday: 'long',
        day: 'numeric',
        month: 'long',
        hour: '2-digit',
        minute: '2-digit',
      },
    });
  }

  /** A time of a day of the week, by the clocks of the house. */
  private at(day: number, time: string): string {
    const [hours, minutes] = time.split(':').map(Number) as [number, number];
    // Its days have no change of clocks between midnight and the evening.
    return withOffset(startOfDay(dayAfter(this.lundi, day), ZONE) + (hours * 60 + minutes) * MINUTE, ZONE);
  }

  private async creneaux(
    prestation: string,
  ): Promise<Record<string, { debut: string; places_restantes?: number }[]>> {
    const fin = dayAfter(this.lundi, 6);
    return this.public(
      'GET',
      `/public/creneaux?prestation=${prestation}&debut=${this.lundi}&fin=${fin}&fuseau_horaire=${ZONE}`,
    );
  }

  private async tryBook(
    prestation: string,
    debut: string,
    nom: string,
    more: object = {},
    email = this.emailOf(nom),
  ): Promise<{ status: number; body: Reserve | Refus }> {
    const { preuve } = await this.public<{ preuve: { defi: string; bits: number } }>(
      'GET',
      `/public/prestations/${prestation}`,
    );
    const reponse = resoudre(preuve.defi, preuve.bits);
    const response = await request(this.options.url, 'POST', '/public/rendez-vous', {
      body: {
        ...{ prestation, debut, ...more, preuve: { defi: preuve.defi, reponse } },
        participants: [{ nom, email, fuseau_horaire: ZONE }],
      },
    });
    if (response.status === 429) {
      throw new Error(
        'Cette adresse a beaucoup réservé sans compte : à rejouer une demi-heure plus tard, ou sur un système démarré avec RATE_LIMITS=off',
      );
    }
    return { status: response.status, body: (await response.json()) as Reserve | Refus };
  }

  /** As the house books for somebody who is on the telephone. */
  private noterPour(prestation: string, debut: string, nom: string): Promise<RendezVous> {
    return this.membre('POST', '/rendez-vous', {
      ...{ prestation, debut },
      participants: [{ nom, email: this.emailOf(nom), fuseau_horaire: ZONE }],
    });
  }

  private emailOf(nom: string): string {
    return `${nom.toLowerCase().replaceAll(' ', '.')}-${this.suffixe}@exemple.ma`;
  }

  private async book(...asked: Parameters<Scene['tryBook']>): Promise<Reserve> {
    const { status, body } = await this.tryBook(...asked);
    if (status !== 201) throw new Error(`A booking was answered ${status}: ${JSON.stringify(body)}`);
    return body as Reserve;
  }

  private async act({ jeton }: Reserve, body: object): Promise<void> {
    await this.public('POST', `/public/gestion/${jeton}`, body);
  }

  private membre<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    return this.ask(method, path, { token: this.token, ...(body && { body }) });
  }

  private public<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    return this.ask(method, path, { ...(body && { body }) });
  }

  private async ask<Answer>(
    method: string,
    path: string,
    given: { token?: string; body?: object },
  ): Promise<Answer> {
    const response = await request(this.options.url, method, path, given);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} /api/v1${path} was answered ${response.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }

  private get mailApi(): string | undefined {
    const { mailApi, mailUrl } = this.options;
    return mailApi ?? (mailUrl === undefined ? undefined : `${mailUrl}/api`);
  }

  /** The mails to an address, oldest first. */
  private async courrier(email: string): Promise<{ text: string }[]> {
    const asked = `${this.mailApi}/email?to.address=${encodeURIComponent(email)}&sort=asc`;
    return (await (await fetch(asked)).json()) as { text: string }[];
  }

  /** The first link of this form in a mail to an address; null where mails cannot be read. */
  private async lienDuCourrier(email: string, form: RegExp): Promise<RegExpExecArray | null> {
    if (this.mailApi === undefined) return null;
    const mails = await this.attendre(
      () => this.courrier(email),
      (all) => all.some(({ text }) => form.test(text)),
    );
    return form.exec(mails.map(({ text }) => text).join('\n'));
  }

  private async attendre<Value>(read: () => Promise<Value>, isSo: (value: Value) => boolean): Promise<Value> {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const value = await read();
      if (isSo(value)) return value;
      if (Date.now() > end) throw new Error(`It has not come about after ${PATIENCE / 1_000} seconds`);
      await sleep(500);
    }
  }
}

interface Ligne {
  id: number | null;
  nom: string | null;
  minutes_reservees: number;
  minutes_ouvertes: number;
  demandes: number;
  annules: number;
  refuses: number;
}

/** The next time of five minutes that lies so far ahead, in milliseconds. */
function prochain(ahead: number): string {
  return new Date(Math.ceil((Date.now() + ahead) / (5 * MINUTE)) * 5 * MINUTE).toISOString();
}

function heure(instant: string): string {
  return new Date(instant).toLocaleTimeString('fr-FR', {
    timeZone: ZONE,
    hour: '2-digit',
    minute: '2-digit',
  });
}

function premiereLigne(text: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? ''
  );
}
