import type { ContenuAvis, ContenuLien, DonneesAvis, DonneesLien } from '../domain/identite/textes';
import type { ContenuIntervention, DonneesIntervention } from '../domain/interventions/textes';
import type { Contenu, Modele } from '../domain/messages';
import type { ContenuAgenda, ContenuParticipant, DonneesRendezVous } from '../domain/rendez-vous/textes';
import type { ContenuAttente } from '../domain/rendez-vous/textes-attente';
import type { ContenuAgendaSerie, ContenuSerie, DonneesSerie } from '../domain/rendez-vous/textes-series';

/**
 * A message of every kind, as people would get it: what `/dev/mails` shows, what a browser is asked about in the tests, and
 * what the picture in `docs/images` is made of. A new kind without an example does not compile.
 */
export const EXEMPLES: Readonly<Record<Modele, Contenu>> = {
  assignee: intervention('assignee', { technicien: null }),
  replanifiee: intervention('replanifiee'),
  retiree: intervention('retiree', { motif: 'Une panne plus urgente est arrivée à la centrale.' }),
  technicien_parti: intervention('technicien_parti', {
    depart: { raison: 'indisponible', commencee: false },
  }),
  equipier_parti: intervention('equipier_parti', {
    depart: { raison: 'compte_desactive', commencee: false },
  }),
  conflit_planning: intervention('conflit_planning', { conflit: 'ferie' }),
  demarree: intervention('demarree'),
  attente_pieces: intervention('attente_pieces', { pieces: pieces(5) }),
  pieces_recues: intervention('pieces_recues', { pieces: pieces(2) }),
  pieces_reprises: intervention('pieces_reprises', { pieces: pieces(1) }),
  relance_pieces: intervention('relance_pieces', { priorite: 'haute', urgence: false, pieces: pieces(3) }),
  terminee: intervention('terminee', {
    priorite: 'normale',
    urgence: false,
    rapport:
      'Joints du vérin principal remplacés, circuit purgé.\nEssai à 180 bars pendant 20 minutes : aucune fuite.\n' +
      'À surveiller : le flexible de retour, marqué par le frottement.',
  }),
  rouverte: intervention('rouverte', { motif: 'La fuite est revenue au bout d’une heure.' }),
  annulee: intervention('annulee', {
    priorite: 'basse',
    urgence: false,
    motif: 'Visite reportée à la demande de l’atelier.\nNouvelle date à convenir.',
  }),
  escalade: intervention('escalade', {
    etape: 'demarrage',
    niveau: 2,
    echeance: '2026-12-20T08:30:00.000Z',
  }),
  sans_candidat: intervention('sans_candidat', {
    technicien: null,
    exclusions: { competence: 4, absent: 2, creneau_pris: 3 },
  }),
  echeance_proche: intervention('echeance_proche', {
    etape: 'resolution',
    niveau: 1,
    echeance: '2026-12-21T16:00:00.000Z',
  }),
  rapport_abandonne: intervention('rapport_abandonne', { priorite: 'normale', urgence: false }),
  reinitialisation: lien('reinitialisation', {}),
  invitation: lien('invitation', { auteur: { nom: 'Alaoui', prenom: 'Karim' } }),
  mot_de_passe_change: avis('mot_de_passe_change', {}),
  adresse_changee: avis('adresse_changee', {
    auteur: { nom: 'Alaoui', prenom: 'Karim' },
    nouvel_email: 's…@exemple.ma',
  }),
  session_compromise: avis('session_compromise', {}),
  second_facteur_active: avis('second_facteur_active', {}),
  second_facteur_retire: avis('second_facteur_retire', { auteur: { nom: 'Alaoui', prenom: 'Karim' } }),
  codes_secours_renouveles: avis('codes_secours_renouveles', {}),
  cle_api_creee: avis('cle_api_creee', {
    cle: { nom: 'Capteurs atelier 2', role: 'technicien', date_expiration: null },
  }),
  email_invalide: {
    modele: 'email_invalide',
    donnees: {
      user_id: 17,
      nom: 'Bennani',
      prenom: 'Salma',
      email: 's.benani@exemple.ma',
      date: '2026-12-20T08:00:00.000Z',
      raison:
        '550 5.1.1 <s.benani@exemple.ma>: Recipient address rejected: User unknown in virtual mailbox table',
    },
  },
  message: {
    modele: 'message',
    donnees: {
      titre: 'Réunion de sécurité',
      message: 'Rendez-vous lundi à 8 h 30 devant l’atelier 2, avec les équipements de protection.',
      type: 'info',
      auteur: { nom: 'Alaoui', prenom: 'Karim' },
    },
  },
  bris_a_revoir: {
    modele: 'bris_a_revoir',
    donnees: { bris_de_glace_id: 481516, rappels: 1 },
  },
  dossier_ouvert: { modele: 'dossier_ouvert', donnees: {} },
  bilan_acces: {
    modele: 'bilan_acces',
    donnees: {
      cabinet_id: 3,
      du: '2026-11-23',
      au: '2026-11-29',
      acces: 1504,
      refus: 2,
      bris_de_glace: [481516, 234201],
      a_revoir: 1,
      homonymes: [{ user_id: 12, nombre: 1 }],
      en_masse: [],
      de_nuit: [{ user_id: 14, nombre: 6 }],
    },
  },
  documents_alteres: {
    modele: 'documents_alteres',
    donnees: {
      nombre: 3,
      documents: [
        { document_id: 7, nom: 'plan-atelier-2.pdf', anomalie: 'empreinte' },
        { document_id: 9, nom: 'photo-avant.jpg', anomalie: 'objet_absent' },
      ],
    },
  },
  consultation_a_signer: {
    modele: 'consultation_a_signer',
    donnees: { consultation_id: 481516, heures: 24, a: 'auteur' },
  },
  webhook_desactive: {
    modele: 'webhook_desactive',
    donnees: {
      webhook_id: 3,
      hote: 'erp.exemple.ma',
      motif: 'echecs',
      depuis: '2026-12-17T08:00:00.000Z',
      fuseau_horaire: 'Africa/Casablanca',
    },
  },
  examen_en_retard: { modele: 'examen_en_retard', donnees: { examen_id: 812_345_678 } },
  examen_a_voir: { modele: 'examen_a_voir', donnees: { examen_id: 812_345_678 } },
  examen_critique_a_voir: { modele: 'examen_critique_a_voir', donnees: { examen_id: 812_345_678 } },
  contrat_fin: {
    modele: 'contrat_fin',
    donnees: {
      contrat_id: 14,
      reference: 'C-2026-014',
      client: 'Salma Bennani',
      site: 'Casablanca Nord',
      date_fin: '2027-01-31',
      visites_incluses: null,
      visites_faites: 3,
    },
  },
  contrat_visites: {
    modele: 'contrat_visites',
    donnees: {
      contrat_id: 15,
      reference: 'C-2026-015',
      client: 'Ateliers Réunis',
      site: null,
      date_fin: null,
      visites_incluses: 4,
      visites_faites: 4,
    },
  },
  rdv_demande: participant('rdv_demande'),
  rdv_confirme: participant('rdv_confirme'),
  rdv_a_confirmer: participant('rdv_a_confirmer', { a_valider: true, limite: '2026-12-18T10:30:00.000Z' }),
  rdv_avis: participant('rdv_avis'),
  rdv_indisponible: participant('rdv_indisponible', { page: 'conseil' }),
  rdv_refuse: participant('rdv_refuse', { motif: 'Nous sommes fermés ce jour-là.' }),
  rdv_expire: participant('rdv_expire'),
  rdv_reporte: participant('rdv_reporte', { avant: '2026-12-20T08:00:00.000Z' }),
  rdv_change: participant('rdv_change', { intervenants: ['Karim Alaoui'] }),
  rdv_annule: participant('rdv_annule', { motif: 'Votre conseillère est souffrante.' }),
  rdv_rappel: participant('rdv_rappel'),
  agenda_demande: agenda('agenda_demande'),
  agenda_nouveau: agenda('agenda_nouveau'),
  agenda_reporte: agenda('agenda_reporte', { avant: '2026-12-20T08:00:00.000Z' }),
  agenda_annule: agenda('agenda_annule', { motif: 'Je ne peux pas venir.' }),
  agenda_libere: agenda('agenda_libere'),
  agenda_a_clore: {
    modele: 'agenda_a_clore',
    donnees: {
      jour: '2026-12-21',
      fuseau_horaire: 'Africa/Casablanca',
      rendez_vous: [
        {
          rendez_vous_id: 31,
          prestation: 'Conseil',
          client: 'Salma Bennani',
          debut: '2026-12-21T08:00:00.000Z',
        },
        {
          rendez_vous_id: 34,
          prestation: 'Atelier de réglage',
          client: 'Ateliers Réunis',
          debut: '2026-12-21T14:30:00.000Z',
        },
      ],
    },
  },
  cabinet_rappel: {
    modele: 'cabinet_rappel',
    donnees: {
      rendez_vous_id: 31,
      debut: '2026-12-21T08:00:00.000Z',
      lieu: {
        adresse: '12, rue des Orangers, Rabat',
        telephone: '+212522000000',
        praticien: 'Dr Nadia Alaoui',
        fuseau_horaire: 'Africa/Casablanca',
      },
    },
  },
  cabinet_offre: {
    modele: 'cabinet_offre',
    donnees: {
      rendez_vous_id: 31,
      debut: '2026-12-21T08:00:00.000Z',
      expire_le: '2026-12-18T10:42:00.000Z',
      lieu: {
        adresse: '12, rue des Orangers, Rabat',
        telephone: '+212522000000',
        praticien: 'Dr Nadia Alaoui',
        fuseau_horaire: 'Africa/Casablanca',
      },
    },
  },
  cabinet_a_qualifier: {
    modele: 'cabinet_a_qualifier',
    donnees: { cabinet_id: 3, jour: '2026-12-21', nombre: 2 },
  },
  rdv_serie: serie('rdv_serie'),
  rdv_serie_demande: serie('rdv_serie_demande'),
  rdv_serie_annulee: serie('rdv_serie_annulee', { motif: 'Notre conseillère part en congé.' }),
  agenda_serie: agendaSerie('agenda_serie'),
  agenda_serie_demande: agendaSerie('agenda_serie_demande'),
  agenda_serie_annulee: agendaSerie('agenda_serie_annulee', { motif: 'Je ne peux pas venir.' }),
  attente_inscrite: attente('attente_inscrite'),
  attente_offre: attente('attente_offre'),
  attente_passee: attente('attente_passee'),
  attente_finie: attente('attente_finie'),
  stock_bas: {
    modele: 'stock_bas',
    donnees: {
      piece_id: 7,
      reference: 'JNT-042/A',
      designation: 'Joint torique NBR 42 × 3,5',
      stock: 5,
      disponible: 2,
      seuil_alerte: 6,
    },
  },
};

/** What nobody should write and somebody will: words without an end, and as much as there is room for. */
export const EXTREMES: Readonly<Record<string, Contenu>> = {
  'mots-sans-fin': intervention('terminee', {
    titre: `Remplacement${'-XK4711'.repeat(22)}`,
    equipement: { nom: 'W'.repeat(200), localisation: `https://plans.exemple.ma/${'atelier-2/'.repeat(20)}` },
    technicien: { nom: 'A'.repeat(90), prenom: 'B'.repeat(90) },
    motif: `SN:${'0123456789'.repeat(30)}`,
    rapport: `${'x'.repeat(1_900)} ${'رقم'.repeat(200)}`,
    pieces: [{ reference: 'R'.repeat(200), designation: 'D'.repeat(250), quantite: 1_000_000 }],
  }),
  'tout-ce-qui-entre': intervention('attente_pieces', {
    titre: 'Révision complète de la ligne de production numéro deux '.repeat(4).trim(),
    motif: 'Il manque des pièces et des consommables, voir la liste. '.repeat(80),
    rapport: 'Une ligne de constat, avec une mesure de 12,5 mm.\n'.repeat(200),
    pieces: pieces(80),
  }),
  'le-moins-possible': intervention('assignee', {
    titre: 'Graissage',
    priorite: 'basse',
    urgence: false,
    equipement: { nom: 'P1', localisation: null },
    technicien: null,
    date_planifiee: null,
    duree_estimee: null,
    date_limite: null,
  }),
};

function intervention(
  modele: ContenuIntervention['modele'],
  particulars: Partial<DonneesIntervention> = {},
): ContenuIntervention {
  return {
    modele,
    donnees: {
      intervention_id: 1284,
      titre: 'Fuite hydraulique, presse PH-200',
      priorite: 'critique',
      urgence: true,
      equipement: { nom: 'Presse hydraulique PH-200 (SN 4711-0815-XK)', localisation: 'Atelier 2, travée C' },
      technicien: { nom: 'Bennani', prenom: 'Salma' },
      date_planifiee: '2026-12-20T08:00:00.000Z',
      duree_estimee: 90,
      date_limite: '2026-12-21T16:00:00.000Z',
      fuseau_horaire: 'Africa/Casablanca',
      ...particulars,
    },
  };
}

function rendezVous(particulars: Partial<DonneesRendezVous>): DonneesRendezVous {
  return {
    rendez_vous_id: 31,
    uid: 'q3f7c1d8e2a94b60',
    sequence: 0,
    date: '2026-12-18T10:00:00.000Z',
    prestation: 'Conseil avant achat',
    debut: '2026-12-21T08:00:00.000Z',
    fin: '2026-12-21T08:30:00.000Z',
    avant: null,
    lieu: { type: 'adresse', valeur: '12, rue des Forges, Casablanca' },
    fuseau_lieu: 'Africa/Casablanca',
    salles: ['Salon bleu'],
    intervenants: ['Nadia'],
    motif: null,
    a_valider: false,
    ...particulars,
  };
}

function participant(
  modele: ContenuParticipant['modele'],
  particulars: Partial<DonneesRendezVous> = {},
): ContenuParticipant {
  return { modele, donnees: { ...rendezVous(particulars), fuseau_horaire: 'Europe/Paris' } };
}

function agenda(
  modele: ContenuAgenda['modele'],
  particulars: Partial<DonneesRendezVous> = {},
): ContenuAgenda {
  const own = { fuseau_horaire: 'Africa/Casablanca', clients: ['Salma Bennani'] };
  const facts = rendezVous({ a_valider: modele === 'agenda_demande', ...particulars });
  return { modele, donnees: { ...facts, ...own } };
}

function serieDe(particulars: Partial<DonneesSerie>): DonneesSerie {
  return {
    serie_id: '0c9d3f6e-0000-4000-8000-000000000001',
    date: '2026-12-18T10:00:00.000Z',
    prestation: 'Conseil avant achat',
    lieu: { type: 'adresse', valeur: '12, rue des Forges, Casablanca' },
    fuseau_lieu: 'Africa/Casablanca',
    fuseau_horaire: 'Europe/Paris',
    rendez_vous: ['2026-12-21', '2026-12-28', '2027-01-11'].map((jour, n) => ({
      rendez_vous_id: 31 + n,
      participant_id: 61 + n,
      uid: `q3f7c1d8e2a94b6${n}`,
      sequence: 0,
      debut: `${jour}T08:00:00.000Z`,
      fin: `${jour}T08:30:00.000Z`,
      salles: ['Salon bleu'],
      intervenants: ['Nadia'],
      a_valider: false,
    })),
    sautees: ['2027-01-04T08:00:00.000Z'],
    motif: null,
    ...particulars,
  };
}

function serie(modele: ContenuSerie['modele'], particulars: Partial<DonneesSerie> = {}): ContenuSerie {
  return { modele, donnees: serieDe(particulars) };
}

function agendaSerie(
  modele: ContenuAgendaSerie['modele'],
  particulars: Partial<DonneesSerie> = {},
): ContenuAgendaSerie {
  const facts = serieDe({ fuseau_horaire: 'Africa/Casablanca', ...particulars });
  return { modele, donnees: { ...facts, clients: ['Salma Bennani'] } };
}

function attente(modele: ContenuAttente['modele']): ContenuAttente {
  const isOffered = modele === 'attente_offre' || modele === 'attente_passee';
  return {
    modele,
    donnees: {
      liste_attente_id: 12,
      prestation: 'Atelier de réglage',
      date_debut: '2026-12-21',
      date_fin: '2027-01-15',
      lieu: { type: 'salle' },
      fuseau_lieu: 'Africa/Casablanca',
      fuseau_horaire: 'Africa/Casablanca',
      offre: isOffered
        ? {
            debut: '2026-12-22T08:00:00.000Z',
            fin: '2026-12-22T10:00:00.000Z',
            expire_le: '2026-12-20T10:30:00.000Z',
            salles: ['Salon bleu'],
            intervenants: ['Nadia'],
          }
        : null,
    },
  };
}

function pieces(count: number): NonNullable<DonneesIntervention['pieces']> {
  const known = ['Joint torique NBR 42 × 3,5', 'Flexible haute pression DN12', 'Huile HLP 46, bidon de 20 l'];
  return Array.from({ length: count }, (_, n) => ({
    reference: `PH-${1000 + 37 * n}/B`,
    designation: known[n % known.length]!,
    quantite: 1 + (n % 4),
  }));
}

function lien(modele: ContenuLien['modele'], particulars: Partial<DonneesLien>): ContenuLien {
  return {
    modele,
    donnees: {
      date: '2026-12-20T08:00:00.000Z',
      adresse: '203.0.113.7',
      auteur: null,
      lien: { id: '3d0e1f2a-0000-4000-8000-000000000001', date_expiration: '2026-12-20T08:30:00.000Z' },
      ...particulars,
    },
  };
}

function avis(modele: ContenuAvis['modele'], particulars: Partial<DonneesAvis>): ContenuAvis {
  return {
    modele,
    donnees: {
      date: '2026-12-20T08:00:00.000Z',
      adresse: '203.0.113.7',
      auteur: null,
      session: {
        date_creation: '2026-12-19T17:15:00.000Z',
        adresse: '198.51.100.4',
        agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
      },
      ...particulars,
    },
  };
}
