import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generatePassword } from '../../src/auth/passwords';
import { dayAt } from '../../src/domain/local-time';
import { ouvrirEcran } from './flux';
import { request } from './request';
import type { DemoSystem } from './running-system';

export interface CabinetOptions extends DemoSystem {
  print(text: string): void;
}

/** What the day came to. */
export interface JourneeDeCabinet {
  /** Who was answered what, by the question. */
  regards: Regard[];
  /** The file that the copy of the record was saved in. */
  copie: string;
}

/** A question, and whom it was answered. */
export interface Regard {
  question: string;
  reponses: Readonly<Record<string, number>>;
}

/** Of the practice, and of one whose day is not about to end when that of Casablanca is. */
const ZONES = ['Africa/Casablanca', 'America/Martinique'] as const;
/** The hour from which on a day of Casablanca is too short for all of this. */
const SOIR = 22;
/** What follows by itself is waited for no longer than this, in milliseconds. */
const PATIENCE = 60_000;
const MINUTE = 60_000;
/** Milliseconds between the time at which hours are said and the first one that can be booked, for a machine that is slow. */
const MARGE = 30_000;

/** Kinds of resources told on a line. */
const PAR_LIGNE = 5;

/** Who calls during the day, and is not known yet. */
const NOUVEAUX = {
  Driss: { nom_naissance: 'Lahlou', prenoms: 'Driss', sexe: 'M', date_naissance: '1971' },
  Zineb: { nom_naissance: 'Fassi', prenoms: 'Zineb', sexe: 'F', date_naissance: '1984-07' },
  Khadija: { nom_naissance: 'Rami', prenoms: 'Khadija', sexe: 'F', date_naissance: '1995-01-30' },
} as const;

/**
 * Plays a day of a medical practice over the API, as a desk and doctors use it, with two people who only watch: a doctor of
 * another practice and the administrator of the house. Tells it in French.
 * @throws when the API cannot be reached, or answers otherwise than the story goes.
 */
export async function playCabinet(options: CabinetOptions): Promise<JourneeDeCabinet> {
  const scene = await Scene.open(options);
  await scene.fonder();
  await scene.accueillir();
  await scene.ouvrirLAgenda();
  await scene.annuler();
  await scene.appeler();
  await scene.soigner();
  await scene.consulter();
  await scene.prescrire();
  await scene.refuserLePartage();
  await scene.briserLaGlace();
  await scene.recevoir();
  await scene.reunir();
  const copie = await scene.copier();
  await scene.qualifier();
  await scene.relire();
  await scene.lireChezSoi();
  const regards = await scene.regarder();
  scene.conclure(copie);
  return { regards, copie };
}

interface Personne {
  id: number;
  nom: string;
  token: string;
  password: string;
}

interface Trouve {
  id: number;
  nom_naissance: string;
  prenoms: string;
  date_naissance: string;
  statut_identite: string;
}

interface RendezVous {
  id: number;
  uid: string;
  statut: string;
  tardif: boolean | null;
}

interface Attente {
  id: number;
  statut: string;
  offre: { rendez_vous: string; expire_le: string } | null;
}

interface Acces {
  auteur: { nom: string; prenom: string };
  fonctions: string[];
  action: string;
  requete: string;
  nombre: number;
}

interface Copie {
  id: number;
  statut: string;
  erreur: string | null;
  date_expiration: string | null;
  ressources: Record<string, number> | null;
}

class Scene {
  private chapitre = 0;
  private cabinet!: number;
  private gens!: Record<
    'gerant' | 'medecin' | 'confrere' | 'remplacant' | 'secretaire' | 'ailleurs',
    Personne
  >;
  private samira!: number;
  private omar!: number;
  private praticien!: number;
  private prestation!: string;
  /** Appointments of the day, by who comes. */
  private readonly rendezVous = new Map<string, RendezVous>();
  private examen!: number;
  /** When the first of them begin, in milliseconds. */
  private premiers!: number;
  private readonly zone: string;

  private constructor(
    private readonly options: CabinetOptions,
    private readonly admin: string,
    private readonly suffixe: string,
  ) {
    const hour = Number(heure(new Date().toISOString(), ZONES[0]).slice(0, 2));
    this.zone = ZONES[hour < SOIR ? 0 : 1];
  }

  static async open(options: CabinetOptions): Promise<Scene> {
    const { url, email, password } = options;
    return new Scene(options, await signIn(url, email, password), Date.now().toString(36));
  }

  /** Two practices, and who works there. */
  async fonder(): Promise<void> {
    this.titre('La veille : deux cabinets ouvrent dans la même maison');
    this.dire('(Les heures des titres racontent une journée ; celles des lignes sont vraies.)');
    const gerant = await this.personne('Hajar', 'Zerhouli');
    this.cabinet = await this.ouvrir('Cabinet Ibn Zohr', gerant);
    const people = {
      medecin: await this.personne('Nadia', 'Benkassou'),
      confrere: await this.personne('Rachid', 'Tamsamani'),
      remplacant: await this.personne('Ghali', 'Fertahi'),
      secretaire: await this.personne('Ilham', 'Mouaqiti'),
    };
    for (const [fonction, { id }] of [
      ['medecin', people.medecin],
      ['medecin', people.confrere],
      ['remplacant', people.remplacant],
      ['secretaire', people.secretaire],
    ] as const) {
      await this.entrer(gerant, this.cabinet, id, fonction);
    }
    const { id: praticien } = await this.demander<{ id: number }>(
      gerant,
      'POST',
      `/cabinets/${this.cabinet}/praticiens`,
      {
        ...{ user_id: people.medecin.id, titre: 'Dr', specialite: 'Médecine générale', inpe: '101112131' },
        email: 'nadia@cabinet.example',
      },
    );
    this.praticien = praticien;
    const autre = await this.personne('Brahim', 'Nafidi');
    const ailleurs = await this.personne('Wafae', 'Ouchraa');
    const voisin = await this.ouvrir('Cabinet voisin', autre);
    await this.entrer(autre, voisin, ailleurs.id, 'medecin');
    this.gens = { gerant, ailleurs, ...people };
    this.dire('L’administrateur ouvre chacun et nomme qui le gère ; il n’y lira rien d’aucun patient.');
    this.dire(
      'Hajar gère, Nadia et Rachid soignent, Ghali remplace, Ilham tient l’accueil. Wafae est du cabinet voisin.',
    );
  }

  /** The desk finds one among three, and completes who she is. */
  async accueillir(): Promise<void> {
    this.titre('8 h : Ilham trouve « benali » parmi trois');
    const { secretaire } = this.gens;
    this.samira = await this.inscrire(secretaire, {
      prenoms: 'Samira',
      sexe: 'F',
      date_naissance: '1962-03',
    });
    await this.inscrire(secretaire, { prenoms: 'Saïd', sexe: 'M', date_naissance: '1990-05-02' });
    this.omar = await this.inscrire(secretaire, {
      ...{ nom_naissance: 'Benalli', prenoms: 'Omar', sexe: 'M', date_naissance: '1958' },
    });
    const found = await this.demander<Trouve[]>(secretaire, 'POST', '/patients/recherche', {
      q: 'benali samia',
    });
    const all = await this.demander<Trouve[]>(secretaire, 'POST', '/patients/recherche', { q: 'benali' });
    for (const one of all)
      this.dire(`  ${one.nom_naissance} ${one.prenoms}, ${one.date_naissance} : ${one.statut_identite}`);
    if (found[0]?.id !== this.samira) throw new Error('The one who was meant is not the first');
    this.dire(
      '« benali samia », une faute de frappe, la propose en premier. Ce qui a été cherché n’est gardé nulle part.',
    );
    const completed = await this.demander<{
      statut_identite: string;
      date_naissance: string;
      telephone: string;
    }>(secretaire, 'PATCH', `/patients/${this.samira}`, {
      ...{ date_naissance: '1962-03-14', telephone: '06 61 23 45 67', statut_identite: 'validee' },
      ...{ justificatif: 'carte_identite', identifiants: [{ type: 'cin', valeur: 'QA 123456' }] },
    });
    this.dire(
      `Sa carte vue, l’identité est « ${completed.statut_identite} », née le ${completed.date_naissance} : une date, jamais un instant.`,
    );
    const byNumber = await this.demander<Trouve[]>(secretaire, 'POST', '/patients/recherche', {
      identifiant: 'qa123456',
    });
    this.dire(`Le numéro de carte, scellé, la retrouve : ${byNumber.length} réponse, par son empreinte.`);
  }

  /** When the doctor receives, and the day as the desk has it before it. */
  async ouvrirLAgenda(): Promise<void> {
    this.titre('8 h 15 : l’agenda');
    const { gerant, secretaire } = this.gens;
    const at = `/cabinets/${this.cabinet}`;
    this.premiers = Math.ceil((Date.now() + MARGE) / MINUTE) * MINUTE;
    const first = new Date(this.premiers).toISOString();
    const all = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [['00:00', '24:00']]]));
    await this.demander(gerant, 'PUT', `${at}/praticiens/${this.praticien}/horaires`, {
      horaires: all,
      exceptions: [{ date: this.jour(), plages: [[heure(first, this.zone), '24:00']] }],
    });
    const kind = await this.demander<{ slug: string }>(gerant, 'POST', `${at}/prestations`, {
      ...{ libelle: 'Consultation', durees: [20], pas: 5, rappels: [], praticiens: [this.praticien] },
      // The day of a demo is too short for notice.
      preavis_annuler: 0,
    });
    this.prestation = kind.slug;
    await this.prendre('Driss', 0, { nouveau_patient: NOUVEAUX.Driss });
    const taken = await this.essayer(
      secretaire,
      'POST',
      `${at}/rendez-vous`,
      this.prise(0, { patient_id: this.omar }),
    );
    await this.prendre('Zineb', 0, { nouveau_patient: NOUVEAUX.Zineb, surnombre: true });
    this.dire(
      `Driss a ${heure(first, this.zone)} ; pour une autre c’est pris : ${taken.code}. Zineb y vient « en surnombre », sciemment.`,
    );
    await this.prendre('Samira', 20, { patient_id: this.samira, motif: 'Maux de tête' });
    await this.prendre('Omar', 40, { patient_id: this.omar });
    const agenda = await this.demander<{ rendez_vous: { motif?: string }[] }>(
      secretaire,
      'GET',
      `${at}/agenda`,
    );
    const shown = agenda.rendez_vous.length;
    const why = agenda.rendez_vous.some((one) => 'motif' in one) ? 'et pourquoi' : 'jamais pourquoi';
    const lines = await this.demander<Acces[]>(gerant, 'GET', `/patients/${this.omar}/acces?action=liste`);
    const opened = lines.filter(({ requete }) => requete.endsWith('/agenda'));
    this.dire(`Ilham ouvre la journée : ${shown} rendez-vous, qui vient et quand, ${why}.`);
    this.dire(
      `Au registre de chaque patient : ${opened.length} ligne, « ${opened[0]?.nombre} patients montrés ».`,
    );
  }

  /** One who does not come after all, and who waited for it. */
  async annuler(): Promise<void> {
    this.titre('8 h 40 : Omar ne viendra pas, Khadija attendait');
    const { secretaire } = this.gens;
    const omar = await this.compteDe('Omar', this.omar);
    const id = await this.inscrire(secretaire, NOUVEAUX.Khadija);
    const khadija = await this.compteDe('Khadija', id);
    const at = `/cabinets/${this.cabinet}`;
    const [debut, fin] = [40, 60].map((minutes) =>
      heure(new Date(this.premiers + minutes * MINUTE).toISOString(), this.zone),
    );
    const wanted = {
      patient_id: id,
      prestation: this.prestation,
      date_debut: this.jour(),
      date_fin: this.jour(),
    };
    const { position } = await this.demander<{ position: number }>(
      secretaire,
      'POST',
      `${at}/listes-attente`,
      {
        ...wanted,
        ...{ heure_debut: debut, heure_fin: fin },
      },
    );
    this.dire(`Khadija ne peut qu’à ${debut}, l’heure d’Omar : elle attend, ${position}re de la liste.`);
    const { uid } = this.rendezVous.get('Omar')!;
    const gone = await this.demander<RendezVous>(omar, 'PUT', `/mon/rendez-vous/${uid}/annuler`);
    this.dire(`Omar annule depuis son compte : « ${gone.statut} ». Personne n’a eu à décrocher.`);
    const [waits] = await this.demander<Attente[]>(khadija, 'GET', '/mon/listes-attente');
    const { offre } = waits!;
    if (offre === null) throw new Error('What was freed was not offered');
    const taken = await this.essayer(
      secretaire,
      'POST',
      `${at}/rendez-vous`,
      this.prise(40, { patient_id: this.samira }),
    );
    this.dire(
      `Aussitôt l’heure lui est proposée, et gardée jusqu’à ${heure(offre.expire_le, this.zone)} ; pour tout autre : ${taken.code}.`,
    );
    const yes = await this.demander<Attente>(khadija, 'PUT', `/mon/listes-attente/${waits!.id}/accepter`);
    this.rendezVous.set(
      'Khadija',
      await this.demander<RendezVous>(secretaire, 'GET', `${at}/rendez-vous/${offre.rendez_vous}`),
    );
    this.dire(`Elle dit oui : « ${yes.statut} », et l’agenda d’Ilham la montre à la place d’Omar.`);
  }

  /** Somebody comes, and the doctor sees it without asking. */
  async appeler(): Promise<void> {
    this.titre('9 h 05 : Samira est là');
    const { medecin, secretaire } = this.gens;
    const at = `/patients/${this.samira}`;
    const note = (body: object) => this.demander(medecin, 'POST', `${at}/allergies`, body);
    await note({ aucune_connue: true });
    await note({
      ...{ substance: 'Pénicilline', categorie: 'medicament', reaction: 'Urticaire', severite: 'moderee' },
    });
    const again = await this.essayer(medecin, 'POST', `${at}/allergies`, { aucune_connue: true });
    this.dire('Nadia a lu la lettre de son ancien médecin et noté : pénicilline.');
    this.dire(`Cela a mis fin à « aucune allergie connue » ; le redire est refusé : ${again.code}.`);
    const ecran = await ouvrirEcran(this.options.url, medecin.token, PATIENCE);
    try {
      await this.acte(secretaire, 'Samira', 'arriver');
      const told = await ecran.attendre('rendez_vous_cabinet.arrive');
      const same = told.id_ressource === this.rendezVous.get('Samira')!.id;
      if (!same) throw new Error('The doctor was told of somebody else');
      this.dire(
        `Ilham dit « arrivée » ; l’écran de Nadia bouge seul : « ${told.evenement} », un numéro, aucun nom.`,
      );
    } finally {
      ecran.fermer();
    }
    const refused = await this.essayer(secretaire, 'PUT', this.chemin('Samira', 'appeler'), {});
    const called = await this.acte(medecin, 'Samira', 'appeler');
    const dossier = await this.demander<{ allergies: { substance: string }[] }>(
      medecin,
      'GET',
      `${at}/dossier`,
    );
    const known = dossier.allergies.map(({ substance }) => substance.toLowerCase()).join(', ');
    this.dire(`Nadia l’appelle : « ${called.statut} » (Ilham ne le peut pas : ${refused.code}).`);
    this.dire(`Le dossier s’ouvre, lu d’un coup : « allergie: ${known} ».`);
  }

  /** What the doctor learns. */
  async soigner(): Promise<void> {
    this.titre('9 h 10 : Nadia l’examine');
    const { medecin, secretaire } = this.gens;
    const at = `/patients/${this.samira}`;
    const note = (segment: string, body: object) => this.demander(medecin, 'POST', `${at}/${segment}`, body);
    await note('antecedents', { type: 'familial', texte: 'Infarctus à 52 ans', lien: 'Père' });
    await note('traitements', { medicament: 'Amlodipine 5 mg', posologie: 'Un comprimé le matin' });
    await note('constantes', { type: 'tension_arterielle', valeur: 148, diastolique: 92 });
    const mistyped = await this.essayer(medecin, 'POST', `${at}/constantes`, {
      type: 'poids',
      valeur: 7_250,
    });
    await note('constantes', { type: 'poids', valeur: 72.5 });
    this.dire(`Une tension, un poids ; « 7250 kg » est arrêté : ${mistyped.code}.`);
    const codes = await this.demander<{ code: string; libelle: string }[]>(
      medecin,
      'POST',
      '/codes/cim10/recherche',
      { q: 'hypertension' },
    );
    const code = codes.find((one) => one.code === 'I10')?.code ?? null;
    await note('diagnostics', { texte: 'Hypertension artérielle', code });
    await note('diagnostics', { texte: 'Fatigue depuis l’hiver, à revoir' });
    this.dire(
      code === null
        ? 'Deux diagnostics, sans code : l’installation n’en a reçu aucun (`npm run codes:import`), et aucun n’est exigé.'
        : `Deux diagnostics : l’un codé ${code}, l’autre en toutes lettres.`,
    );
    const refused = await this.essayer(secretaire, 'GET', `${at}/diagnostics`);
    this.dire(`Ilham, à l’accueil, ne peut pas les ouvrir : ${refused.code}.`);
  }

  /** What is written, signed, and then stays. */
  async consulter(): Promise<void> {
    this.titre('9 h 20 : la consultation');
    const { medecin, confrere, secretaire } = this.gens;
    const { id } = await this.demander<{ id: number }>(medecin, 'POST', '/consultations', {
      ...{
        patient_id: this.samira,
        motif: 'Maux de tête',
        interrogatoire: 'Le matin surtout, depuis un mois',
      },
      ...{
        examen: 'Tension 148/92',
        conclusion: 'Hypertension à confirmer',
        conduite: 'Automesure deux semaines',
      },
    });
    const at = `/consultations/${id}`;
    const draft = await this.essayer(confrere, 'GET', at);
    this.dire(
      `Tant que c’est un brouillon, il n’est qu’à Nadia ; pour Rachid, rien de ce nom : ${draft.status}.`,
    );
    const wrong = await this.essayer(medecin, 'POST', `${at}/signature`, { mot_de_passe: 'Pas le bon 1!' });
    await this.demander(medecin, 'POST', `${at}/signature`, { mot_de_passe: medecin.password });
    const [changed, closed] = [
      await this.essayer(medecin, 'PATCH', at, { conclusion: 'Autre chose' }, '"2"'),
      await this.essayer(secretaire, 'GET', at),
    ];
    this.dire(`Elle signe en redonnant son mot de passe (un autre : ${wrong.code}).`);
    this.dire(
      `Signée, elle ne change plus, pas même par elle : ${changed.code}. Ilham ne l’ouvre pas : ${closed.code}.`,
    );
    await this.demander(medecin, 'POST', `${at}/addenda`, { texte: 'Frère hypertendu, dit au téléphone' });
    this.dire('Ce qui vient après s’y ajoute, et reste lisible derrière ce qui fut signé.');
    const { statut } = await this.acte(medecin, 'Samira', 'terminer');
    this.dire(`Samira sort : son rendez-vous est « ${statut} ».`);
  }

  /** What is prescribed against what is known, and handed over at the desk. */
  async prescrire(): Promise<void> {
    this.titre('9 h 40 : l’ordonnance');
    const { medecin, secretaire } = this.gens;
    const ligne = {
      dosage: '1 g',
      posologie: 'Un comprimé matin et soir',
      mode: 'Voie orale',
      duree_jours: 6,
    };
    const draft = (dci: string) => ({
      patient_id: this.samira,
      lignes: [{ dci, ...ligne }],
      a_remettre: true,
    });
    const warned = await this.essayer(medecin, 'POST', '/ordonnances', draft('amoxicilline'));
    this.dire(`« amoxicilline » : ${warned.code}. Il faut changer, ou dire pourquoi ; Nadia change.`);
    const { id } = await this.demander<{ id: number }>(medecin, 'POST', '/ordonnances', draft('paracétamol'));
    const sign = { mot_de_passe: medecin.password };
    await this.demander(medecin, 'POST', `/ordonnances/${id}/signature`, sign);
    const pdf = await request(this.options.url, 'GET', `/ordonnances/${id}/pdf`, { token: secretaire.token });
    if (!pdf.ok) throw new Error(`The document was answered ${pdf.status}`);
    const { byteLength } = await pdf.arrayBuffer();
    this.dire(
      `Signée, figée en PDF ; Ilham la remet au comptoir (${Math.round(byteLength / 1024)} Kio), et chaque remise est inscrite.`,
    );
  }

  /** Whose record is opened by whom, as the patient wants it. */
  async refuserLePartage(): Promise<void> {
    this.titre('11 h : Samira ne veut pas que d’autres médecins lisent son dossier');
    const { secretaire, remplacant, confrere, medecin } = this.gens;
    const before = await this.essayer(confrere, 'GET', `/patients/${this.samira}/allergies`);
    await this.demander(secretaire, 'POST', `/patients/${this.samira}/consentements`, {
      ...{ objet: 'partage_cabinet', decision: 'refuse', recueil: 'oral' },
    });
    const after = await this.essayer(confrere, 'GET', `/patients/${this.samira}/allergies`);
    this.dire(
      `Rachid pouvait le lire (${before.status}) ; dès la requête suivante il ne peut plus : ${after.code}.`,
    );
    const stand = await this.essayer(remplacant, 'GET', `/patients/${this.samira}/diagnostics`);
    this.dire(`Ghali, qui remplace, non plus : ${stand.code}. Nadia, qui la suit, oui.`);
    await this.demander(medecin, 'GET', `/patients/${this.samira}/allergies`);
  }

  /** A record that is not shared is needed all the same. */
  async briserLaGlace(): Promise<void> {
    this.titre('11 h 30 : un malaise, et Nadia est en visite');
    const { remplacant, gerant } = this.gens;
    const path = `/patients/${this.samira}/bris-de-glace`;
    const motif = 'Malaise en salle d’attente, médecin traitant absent';
    const opened = await this.demander<{ id: number; date_fin: string }>(remplacant, 'POST', path, { motif });
    const read = await this.essayer(remplacant, 'GET', `/patients/${this.samira}/allergies`);
    this.dire(
      `Ghali dit pourquoi, et le dossier s’ouvre à lui seul (${read.status}) jusqu’à ${heure(opened.date_fin, this.zone)}.`,
    );
    await this.demander(remplacant, 'POST', `/bris-de-glace/${opened.id}/fermeture`, {});
    const after = await this.essayer(remplacant, 'GET', `/patients/${this.samira}/allergies`);
    await this.demander(gerant, 'POST', `/bris-de-glace/${opened.id}/revue`, { conclusion: 'justifie' });
    this.dire(
      `Il le referme : ${after.code}. Hajar revoit et conclut ; Samira en est avertie, et le lit chez elle.`,
    );
  }

  /** A result that says of whom it is, and nobody has looked yet who that is. */
  async recevoir(): Promise<void> {
    this.titre('13 h : un résultat arrive, et n’est à personne');
    const { secretaire, medecin } = this.gens;
    const { id } = await this.demander<{ id: number }>(secretaire, 'POST', '/examens', {
      ...{ libelle: 'Kaliémie', cabinet_id: this.cabinet, laboratoire: 'Laboratoire du Phosphate' },
      identite: { nom: 'Benali', prenoms: 'Samira', date_naissance: '14/03/62' },
      resultat: { texte: 'Potassium : 6,4 mmol/L', critique: true },
    });
    const inbox = await this.demander<{ id: number; identite: { nom: string; prenoms: string } }[]>(
      secretaire,
      'GET',
      '/examens/non-rattaches',
    );
    const { nom, prenoms } = inbox.find((one) => one.id === id)!.identite;
    this.dire(`Dans la boîte du cabinet, Ilham lit « ${nom} ${prenoms} », et rien du résultat.`);
    await this.demander(secretaire, 'PUT', `/examens/${id}/rattachement`, {
      ...{ patient_id: this.samira, medecin_id: medecin.id },
    });
    const closed = await this.essayer(secretaire, 'GET', `/examens/${id}`);
    this.dire(`Elle le rattache à Samira : scellé dès lors sous sa clé. Ilham l’ouvre ? ${closed.code}.`);
    const waiting = await this.demander<{ id: number; critique: boolean }[]>(
      medecin,
      'GET',
      `/examens?statut=recu&patient_id=${this.samira}`,
    );
    const urgent = waiting.find((one) => one.id === id)?.critique === true;
    this.dire(
      `Nadia le voit attendre : ${urgent ? 'critique, à voir dans les quatre heures' : 'sans urgence'}.`,
    );
    this.examen = id;
    const seen = await this.demander<{ statut: string; decision: { decision: string } }>(
      medecin,
      'POST',
      `/examens/${id}/vu`,
      { numero: 1, decision: 'a_convoquer', commentaire: 'Rappelée, contrôle demain' },
    );
    this.dire(`13 h 40 : « ${seen.statut} », avec ce qu’elle décide : « ${seen.decision.decision} ».`);
  }

  /** One person, entered twice. */
  async reunir(): Promise<void> {
    this.titre('14 h : deux fiches, une seule personne');
    const { secretaire, gerant } = this.gens;
    const twice = await this.inscrire(secretaire, {
      nom_naissance: 'Benalli',
      prenoms: 'Omar',
      sexe: 'M',
      date_naissance: '1958-11-20',
    });
    const same = await this.demander<{ id: number; raisons: string[] }[]>(
      secretaire,
      'GET',
      `/patients/${this.omar}/doublons`,
    );
    this.dire(
      `De la fiche d’Omar, Ilham voit ${same.length} doublon possible : ${same.map(({ raisons }) => raisons.join(', ')).join()}.`,
    );
    const fusion = await this.demander<{ id: number }>(gerant, 'POST', `/patients/${this.omar}/fusion`, {
      avec: twice,
    });
    await this.demander(gerant, 'POST', `/fusions/${fusion.id}/annuler`, {});
    const back = await this.essayer(secretaire, 'GET', `/patients/${twice}`);
    this.dire(
      `Hajar les réunit, puis se ravise : trente jours durant les deux fiches reviennent telles quelles (${back.status}).`,
    );
  }

  /** A copy that leaves the practice, once. */
  async copier(): Promise<string> {
    this.titre('16 h : une copie pour le cardiologue');
    const { medecin, confrere, secretaire } = this.gens;
    for (const somebody of [secretaire, confrere]) {
      const { code } = await this.essayer(somebody, 'POST', `/patients/${this.samira}/export`, {});
      this.dire(`${somebody.nom} la demande : ${code}.`);
    }
    const asked = await this.demander<Copie>(medecin, 'POST', `/patients/${this.samira}/export`, {});
    const made = await this.attendre(
      () => this.demander<Copie>(medecin, 'GET', `/exports/${asked.id}`),
      ({ statut }) => statut !== 'en_cours',
    );
    if (made.statut !== 'pret') throw new Error(`The copy is ${made.statut}: ${made.erreur}`);
    const held = Object.entries(made.ressources!).map(([type, count]) => `${count} ${type}`);
    this.dire('Nadia l’a : un Bundle FHIR R4, compté contre les lignes :');
    for (let n = 0; n < held.length; n += PAR_LIGNE)
      this.dire(`  ${held.slice(n, n + PAR_LIGNE).join(', ')}`);
    const response = await request(this.options.url, 'GET', `/exports/${asked.id}/contenu`, {
      token: medecin.token,
    });
    if (!response.ok) throw new Error(`The copy was answered ${response.status}`);
    await mkdir(this.options.saveDir, { recursive: true });
    const file = join(this.options.saveDir, `dossier-${this.suffixe}.json`);
    await writeFile(file, Buffer.from(await response.arrayBuffer()), { mode: 0o600 });
    const again = await this.essayer(medecin, 'GET', `/exports/${asked.id}/contenu`);
    this.dire(`Retirée une fois, elle est effacée ; la redemander : ${again.code}.`);
    return file;
  }

  /** What became of those of whom nobody has said it yet. */
  async qualifier(): Promise<void> {
    this.titre('18 h 45 : deux rendez-vous dont personne n’a rien dit');
    const { secretaire, medecin } = this.gens;
    const wait = Math.ceil((this.premiers - Date.now()) / 1_000);
    if (wait > 0)
      this.dire(
        `(Leur heure, ${heure(new Date(this.premiers).toISOString(), this.zone)}, vient dans ${wait} s.)`,
      );
    const absent = await this.attendre(
      () => this.essayer(secretaire, 'PUT', this.chemin('Zineb', 'absent'), {}),
      ({ status }) => status === 200,
      Math.max(0, wait) * 1_000 + PATIENCE,
    );
    if (absent.status !== 200) throw new Error('Nobody could be called absent');
    const zineb = await this.demander<RendezVous>(secretaire, 'GET', this.chemin('Zineb'));
    await this.acte(secretaire, 'Driss', 'arriver');
    await this.acte(medecin, 'Driss', 'appeler');
    const driss = await this.acte(medecin, 'Driss', 'terminer');
    this.dire(
      `Driss était en retard, et fut reçu : « ${driss.statut} ». Zineb n’est pas venue : « ${zineb.statut} ».`,
    );
    this.dire(
      'Des gens le disent, jamais la machine : elle ne fait que le demander, une demi-heure après l’heure.',
    );
    const left = await this.demander<unknown[]>(secretaire, 'GET', `/cabinets/${this.cabinet}/a-qualifier`);
    this.dire(`Reste à qualifier : ${left.length}.`);
  }

  /** Who read what. */
  async relire(): Promise<void> {
    this.titre('19 h : qui a ouvert le dossier de Samira ?');
    const { gerant } = this.gens;
    const lines = await this.demander<Acces[]>(gerant, 'GET', `/patients/${this.samira}/acces?limit=100`);
    const counts = new Map<string, number>();
    for (const { auteur, fonctions, action } of lines) {
      const line = `${auteur.prenom} (${fonctions.join(', ')}) : ${action}`;
      counts.set(line, (counts.get(line) ?? 0) + 1);
    }
    for (const [line, count] of [...counts].toSorted()) this.dire(`  ${line}, ${count} fois`);
    this.dire(
      'Ni valeurs ni mots cherchés ; les lignes sont chaînées, et `npm run audit:verify` le vérifie.',
    );
  }

  /** The patient, at home. */
  async lireChezSoi(): Promise<void> {
    this.titre('20 h : Samira, chez elle');
    const { secretaire } = this.gens;
    const compte = await this.compteDe('Samira', this.samira);
    this.dire('Son compte montre un code ; Ilham, sa carte vue, l’a lié à son dossier.');
    const lines = await this.demander<(Acces & { bris_de_glace: boolean })[]>(
      compte,
      'GET',
      '/mon/acces?limit=100',
    );
    const who = new Set(
      lines.filter(({ fonctions }) => fonctions.length > 0).map(({ auteur }) => auteur.prenom),
    );
    const broken = lines.filter(({ bris_de_glace }) => bris_de_glace).map(({ auteur }) => auteur.prenom);
    this.dire(`Elle lit qui a ouvert son dossier : ${[...who].toSorted().join(', ')}.`);
    this.dire(`En urgence, bien que non partagé : ${[...new Set(broken)].join(', ')}.`);
    const asked = await this.demander<{ id: number; pas_avant: string; echeance: string }>(
      secretaire,
      'POST',
      '/demandes-droits',
      { patient_id: this.samira, nature: 'acces', demande: 'Copie de tout le dossier' },
    );
    this.dire('Elle demande une copie ; Ilham l’enregistre, et une horloge court sans elle :');
    this.dire(`  48 h de réflexion, donc pas avant le ${this.date(Date.parse(asked.pas_avant))},`);
    // It ends with a day: what is said is that day.
    this.dire(`  et au plus tard le ${this.date(Date.parse(asked.echeance) - 1)} au soir.`);
  }

  /** Everybody asks everything: what they are answered is what they may. */
  async regarder(): Promise<Regard[]> {
    this.titre('Qui a pu voir quoi');
    const at = `/patients/${this.samira}`;
    const questions: [string, string][] = [
      ['son identité', at],
      ['ses couvertures', `${at}/couvertures`],
      ['ses allergies', `${at}/allergies`],
      ['ses diagnostics', `${at}/diagnostics`],
      ['ses constantes', `${at}/constantes`],
      ['son résultat', `/examens/${this.examen}`],
      ['son rendez-vous', this.chemin('Samira')],
      ['qui a lu', `${at}/acces`],
    ];
    const { medecin, confrere, remplacant, secretaire, gerant, ailleurs } = this.gens;
    const askers = {
      ...{ Nadia: medecin, Rachid: confrere, Ghali: remplacant, Ilham: secretaire, Hajar: gerant },
      ...{ Wafae: ailleurs, admin: this.enAdmin },
    };
    const names = Object.keys(askers);
    this.dire(`${''.padEnd(18)}${names.map((name) => name.padEnd(8)).join('')}`);
    const regards: Regard[] = [];
    for (const [question, path] of questions) {
      const reponses: Record<string, number> = {};
      for (const [name, person] of Object.entries(askers)) {
        reponses[name] = (await this.essayer(person, 'GET', path)).status;
      }
      regards.push({ question, reponses });
      const row = names.map((name) => (reponses[name] === 200 ? 'oui' : String(reponses[name])).padEnd(8));
      this.dire(`${question.padEnd(18)}${row.join('')}`);
    }
    this.dire(
      '403 : cela existe, et n’est pas pour vous. 404 : rien de ce nom, pour qui est d’un autre cabinet.',
    );
    return regards;
  }

  conclure(copie: string): void {
    this.titre('Où regarder');
    this.dire(`La copie de Samira     ${copie}`);
    const { webUi, url } = this.options;
    if (webUi !== undefined) this.dire(`Les workflows          ${webUi}/workflows : des numéros, aucun nom`);
    this.dire(`Toutes les requêtes    ${url}/docs`);
  }

  /** What somebody says of an appointment. */
  private async acte(by: Personne, qui: string, acte: string, body: object = {}): Promise<RendezVous> {
    return this.demander<RendezVous>(by, 'PUT', this.chemin(qui, acte), body);
  }

  private chemin(qui: string, acte?: string): string {
    const path = `/cabinets/${this.cabinet}/rendez-vous/${this.rendezVous.get(qui)!.uid}`;
    return acte === undefined ? path : `${path}/${acte}`;
  }

  /** Books at the desk. @param minutes after the first of the day. */
  private async prendre(qui: string, minutes: number, given: object): Promise<void> {
    const path = `/cabinets/${this.cabinet}/rendez-vous`;
    const body = this.prise(minutes, given);
    this.rendezVous.set(qui, await this.demander<RendezVous>(this.gens.secretaire, 'POST', path, body));
  }

  private prise(minutes: number, given: object): object {
    const debut = new Date(this.premiers + minutes * MINUTE).toISOString();
    return { praticien_id: this.praticien, prestation: this.prestation, debut, ...given };
  }

  /** Today, at the practice. */
  private jour(): string {
    return dayAt(Date.now(), this.zone);
  }

  /** "lundi 7 décembre" at the practice. @param instant milliseconds. */
  private date(instant: number): string {
    const long = { weekday: 'long', day: 'numeric', month: 'long' } as const;
    return new Date(instant).toLocaleDateString('fr-FR', { timeZone: this.zone, ...long });
  }

  private titre(text: string): void {
    this.options.print(`\n${++this.chapitre}. ${text}`);
  }

  private dire(text: string): void {
    this.options.print(`   ${text}`);
  }

  private async personne(prenom: string, nom: string, role = 'membre'): Promise<Personne> {
    const email = `${prenom}-${this.suffixe}@cabinet.example`.toLowerCase();
    const password = generatePassword();
    const body = { email, password, nom, prenom, role };
    const { id } = await this.demander<{ id: number }>(this.enAdmin, 'POST', '/users', body);
    return { id, nom: prenom, password, token: await signIn(this.options.url, email, password) };
  }

  /** An account for a patient, tied by the desk that has seen their card. */
  private async compteDe(prenom: string, patient: number): Promise<Personne> {
    const { secretaire } = this.gens;
    const compte = await this.personne(prenom, 'Patient', 'client');
    const { code } = await this.demander<{ code: string }>(compte, 'GET', '/mon/code');
    const seen = { statut_identite: 'validee', justificatif: 'carte_identite' };
    await this.demander(secretaire, 'PATCH', `/patients/${patient}`, seen);
    await this.demander(secretaire, 'PUT', `/patients/${patient}/compte`, { code });
    return compte;
  }

  private get enAdmin(): Personne {
    return { id: 0, nom: 'admin', token: this.admin, password: this.options.password };
  }

  private async ouvrir(nom: string, gerant: Personne): Promise<number> {
    const where = { adresse: '18 rue Ibn Zohr\n25000 Khouribga', telephone: '+212523490000' };
    const body = { nom: `${nom} ${this.suffixe}`, pays: 'MA', fuseau_horaire: this.zone, ...where };
    const { id } = await this.demander<{ id: number }>(this.enAdmin, 'POST', '/cabinets', body);
    await this.entrer(this.enAdmin, id, gerant.id, 'gerant');
    return id;
  }

  private async entrer(by: Personne, cabinet: number, user_id: number, fonction: string): Promise<void> {
    const body = { user_id, fonction, date_debut: this.jour() };
    await this.demander(by, 'POST', `/cabinets/${cabinet}/membres`, body);
  }

  private async inscrire(by: Personne, given: object): Promise<number> {
    const body = { nom_naissance: 'Benali', cabinet_id: this.cabinet, ...given };
    return (await this.demander<{ id: number }>(by, 'POST', '/patients', body)).id;
  }

  /** @throws when it is refused. */
  private async demander<Answer>(by: Personne, method: string, path: string, body?: object): Promise<Answer> {
    const response = await request(this.options.url, method, path, {
      token: by.token,
      ...(body !== undefined && { body }),
    });
    if (!response.ok) {
      throw new Error(
        `${method} ${path} as ${by.nom} was answered ${response.status}: ${await response.text()}`,
      );
    }
    return (await response.json()) as Answer;
  }

  private async essayer(
    by: Personne,
    method: string,
    path: string,
    body?: object,
    ifMatch?: string,
  ): Promise<{ status: number; code: string | undefined }> {
    const response = await request(this.options.url, method, path, {
      token: by.token,
      ...(body !== undefined && { body }),
      ...(ifMatch !== undefined && { headers: { 'If-Match': ifMatch } }),
    });
    const answer = (await response.json()) as { code?: string };
    return { status: response.status, code: answer.code };
  }

  private async attendre<Answer>(
    look: () => Promise<Answer>,
    holds: (answer: Answer) => boolean,
    patience = PATIENCE,
  ): Promise<Answer> {
    const end = Date.now() + patience;
    for (;;) {
      const answer = await look();
      if (holds(answer)) return answer;
      if (Date.now() > end) throw new Error('What should follow by itself has not');
      await sleep(250);
    }
  }
}

/** "12:30" at the practice. */
function heure(instant: string, timeZone: string): string {
  return new Date(instant).toLocaleTimeString('fr-FR', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
  });
}

async function signIn(url: string, email: string, password: string): Promise<string> {
  const response = await request(url, 'POST', '/auth/login', { body: { email, password } });
  if (!response.ok) throw new Error(`Signing in was answered ${response.status}`);
  return ((await response.json()) as { access_token: string }).access_token;
}
