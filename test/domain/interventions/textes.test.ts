import {
  type DonneesIntervention,
  interventionText,
  MODELES_INTERVENTION,
  type ModeleIntervention,
} from '../../../src/domain/interventions/textes';
import { LANGUES, type Langue } from '../../../src/domain/writing';

const messageText = (modele: ModeleIntervention, langue: Langue, donnees: DonneesIntervention) =>
  interventionText({ modele, donnees }, langue);

const donnees: DonneesIntervention = {
  intervention_id: 12,
  titre: 'Réparation fuite hydraulique',
  priorite: 'haute',
  urgence: false,
  equipement: { nom: 'Presse PH-200', localisation: 'Atelier 2' },
  technicien: { nom: 'Alaoui', prenom: 'Karim' },
  fuseau_horaire: 'Africa/Casablanca',
};

describe('the texts', () => {
  test("tell a technicien of an assignment in the words of the seeds' notification", () => {
    expect(messageText('assignee', 'fr', donnees)).toEqual({
      titre: 'Nouvelle intervention assignée',
      message: "L'intervention 'Réparation fuite hydraulique' vous a été assignée",
      type: 'info',
    });
  });

  test('are in English for who prefers it', () => {
    expect(messageText('assignee', 'en', donnees)).toEqual({
      titre: 'New intervention assigned',
      message: "The intervention 'Réparation fuite hydraulique' has been assigned to you",
      type: 'info',
    });
  });

  test.each(MODELES_INTERVENTION)(
    'of %s are of the same severity in each language, and in its own words',
    (modele) => {
      const [french, english, arabic] = LANGUES.map((langue) => messageText(modele, langue, donnees));
      expect(new Set([french!.titre, english!.titre, arabic!.titre]).size).toBe(3);
      expect(new Set([french!.type, english!.type, arabic!.type]).size).toBe(1);
      // What people typed stays as it is, kept apart from what runs the other way around it.
      expect(arabic!.message).toContain(`«\u2068${donnees.titre}\u2069»`);
      expect(`${arabic!.titre} ${arabic!.message}`.replace(/\u2068[^\u2069]*\u2069/g, '')).not.toMatch(
        /[a-z]/i,
      );
    },
  );

  test.each(both(MODELES_INTERVENTION))(
    'of %s in %s name the intervention and read well with the least data',
    (modele, langue) => {
      const { titre, message } = messageText(modele, langue, {
        intervention_id: 1,
        titre: 'Graissage',
        priorite: 'basse',
        urgence: false,
        equipement: { nom: 'Convoyeur', localisation: null },
        fuseau_horaire: 'UTC',
      });
      expect(titre).toMatch(/^[A-ZÀ-Ý].*\p{L}$/u);
      expect(message).toContain("'Graissage'");
      expect(message).not.toMatch(/undefined|null|NaN|\[object|\s\s|[:,]\s*$/);
    },
  );

  test('address nobody but the technicien who gets or loses the intervention', () => {
    const others = MODELES_INTERVENTION.filter((modele) => modele !== 'assignee' && modele !== 'retiree');
    const full = { ...donnees, etape: 'demarrage', niveau: 2, echeance: '2026-12-20T08:00:00Z' } as const;
    for (const modele of others) {
      expect(messageText(modele, 'fr', full).message).not.toMatch(/\b(vous|votre|vos)\b/i);
      expect(messageText(modele, 'en', full).message).not.toMatch(/\byour?\b/i);
    }
  });

  test('say of critical work that nobody can take how many cannot, and why', () => {
    const counted = { ...donnees, exclusions: { competence: 2, absent: 1 } };
    expect(messageText('sans_candidat', 'fr', counted)).toEqual({
      titre: 'Personne pour une intervention critique',
      message:
        "Aucun technicien ne peut prendre l'intervention 'Réparation fuite hydraulique' : " +
        'sans la compétence requise (2), pendant une absence (1)',
      type: 'error',
    });
    expect(messageText('sans_candidat', 'en', counted).message).toBe(
      "No technician can take the intervention 'Réparation fuite hydraulique': " +
        'without the skill that is required (2), during an absence (1)',
    );
  });

  test('say of whoever leaves why, and whether the work has begun', () => {
    const depart = (raison: 'compte_desactive' | 'indisponible', commencee: boolean) => ({
      ...donnees,
      depart: { raison, commencee },
    });
    expect(messageText('technicien_parti', 'fr', depart('compte_desactive', false))).toEqual({
      titre: 'Intervention à réaffecter',
      message:
        "L'intervention 'Réparation fuite hydraulique' n'a plus de technicien : Karim Alaoui n'intervient plus (compte désactivé)",
      type: 'error',
    });
    expect(messageText('technicien_parti', 'en', depart('indisponible', true)).message).toBe(
      "The intervention 'Réparation fuite hydraulique', begun by Karim Alaoui (no longer available), has to be handed over to somebody else",
    );
  });

  test('give a new date in the time zone of the site', () => {
    const replanifiee = { ...donnees, date_planifiee: '2026-12-20T08:00:00Z' };
    expect(messageText('replanifiee', 'fr', replanifiee).message).toBe(
      "L'intervention 'Réparation fuite hydraulique' est désormais prévue le dimanche 20 décembre 2026 à 08:00",
    );
    expect(
      messageText('replanifiee', 'fr', { ...replanifiee, fuseau_horaire: 'Asia/Tokyo' }).message,
    ).toContain('le dimanche 20 décembre 2026 à 17:00');
  });

  test('tell a technicien that the intervention was taken from them, whoever has it now, and why', () => {
    expect(messageText('retiree', 'fr', { ...donnees, motif: 'technicien malade' }).message).toBe(
      "L'intervention 'Réparation fuite hydraulique' ne vous est plus assignée : technicien malade",
    );
  });

  test.each(['annulee', 'rouverte'] as const)('of %s give the reason', (modele) => {
    const motif = 'demande en double';
    expect(messageText(modele, 'fr', { ...donnees, motif }).message).toMatch(/ : demande en double$/);
    expect(messageText(modele, 'en', { ...donnees, motif }).message).toMatch(/[a-z]: demande en double$/);
  });

  test('name up to three parts and count the others', () => {
    const piece = (designation: string, quantite: number) => ({ reference: 'R', designation, quantite });
    const pieces = [piece('Joint', 2), piece('Filtre', 1), piece('Flexible', 3), piece('Vis', 12)];
    const message = (count: number, langue: Langue) =>
      messageText('attente_pieces', langue, { ...donnees, pieces: pieces.slice(0, count) }).message;

    expect(message(1, 'fr')).toMatch(/ en attendant des pièces : 2 × Joint$/);
    expect(message(3, 'fr')).toMatch(/ : 2 × Joint, 1 × Filtre et 3 × Flexible$/);
    expect(message(4, 'fr')).toMatch(/ : 2 × Joint, 1 × Filtre, 3 × Flexible et 1 autre référence$/);
    expect(message(2, 'en')).toMatch(/ arrive: 2 × Joint and 1 × Filtre$/);
  });
});

describe('an escalation', () => {
  const escalade = { ...donnees, echeance: '2026-03-02T09:30:00Z', niveau: 2 } as const;

  test.each([
    ['affectation', "aucun technicien n'est encore assigné"],
    ['demarrage', "elle n'a pas encore commencé"],
    ['resolution', "elle n'est pas encore terminée"],
  ] as const)('of %s says what is late, since when and at which level', (etape, late) => {
    // Morocco leaves UTC+1 for UTC during Ramadan, which 2 March 2026 is in.
    expect(messageText('escalade', 'fr', { ...escalade, etape }).message).toBe(
      "L'intervention 'Réparation fuite hydraulique' est en retard depuis le lundi 2 mars 2026 à 09:30" +
        ` : ${late} (niveau 2, responsable)`,
    );
  });

  test('reads in English too', () => {
    expect(messageText('escalade', 'en', { ...escalade, etape: 'demarrage', niveau: 3 }).message).toBe(
      "The intervention 'Réparation fuite hydraulique' has been overdue since Monday 2 March 2026 at 09:30" +
        ': it has not started yet (level 3, administrator)',
    );
  });

  test('reminds the technicien at first and is an error from the responsable on', () => {
    const types = ([1, 2, 3] as const).map(
      (niveau) => messageText('escalade', 'fr', { ...escalade, niveau }).type,
    );
    expect(types).toEqual(['warning', 'error', 'error']);
  });
});

function both<T>(values: readonly T[]): [T, Langue][] {
  return values.flatMap((value): [T, Langue][] => [
    [value, 'fr'],
    [value, 'en'],
  ]);
}
