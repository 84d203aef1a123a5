import { z } from 'zod';
import { uniteUsuelle } from '../../domain/cabinet/constantes';
import { type Contenus, ELEMENTS, type Nature } from '../../domain/cabinet/elements';
import type { ErrorCode } from '../../domain/errors';
import type { PatientMontre } from '../../services/cabinet/acces';
import {
  createElement,
  type Element,
  type ElementFilters,
  listElements,
  readElement,
  updateElement,
} from '../../services/cabinet/elements';
import {
  addIdentifiant,
  changeIdentifiant,
  type IdentifiantTenu,
  listIdentifiants,
  readIdentifiant,
} from '../../services/cabinet/identifiants';
import type { PageRequest } from '../../services/list';
import { askedOf } from '../http/asked';
import { elementSchemas, shownElement } from '../http/elements-schemas';
import { type Answer, page, type Route, type RouteAccess, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import {
  elementParams,
  identifiantAnswer,
  identifiantBody,
  identifiantChanges,
  identifiantParams,
} from './schemas';

const TAG = 'Dossiers';

interface Presentation {
  /** « une couverture », « les couvertures ». */
  un: string;
  des: string;
  note?: string;
  exemple: object;
  changement: object;
}

const PRESENTATIONS: Readonly<Record<Nature, Presentation>> = {
  couverture: {
    un: 'une couverture',
    des: 'les couvertures',
    exemple: { organisme: 'CNSS', immatriculation: '123456789', qualite: 'assure', taux: 70 },
    changement: { statut: 'termine', date_fin: '2026-10' },
  },
  representant: {
    un: 'un représentant ou une personne à joindre',
    des: 'les représentants et personnes à joindre',
    exemple: { qualite: 'personne_de_confiance', nom: 'Benali', prenoms: 'Omar', telephone: '0661234567' },
    changement: { telephone: '0661234568' },
  },
  consentement: {
    un: 'ce que le patient accepte ou refuse',
    des: 'ce que le patient a accepté ou refusé',
    note: 'Rien n’en change : ce qui est dit plus tard s’ajoute. `partage_cabinet` ouvre ou ferme le dossier aux autres médecins du cabinet.',
    exemple: { objet: 'rappels_sms', decision: 'donne', recueil: 'oral' },
    changement: {},
  },
  antecedent: {
    un: 'un antécédent',
    des: 'les antécédents',
    exemple: { type: 'chirurgical', texte: 'Appendicectomie', date_debut: '1998' },
    changement: { texte: 'Appendicectomie compliquée' },
  },
  allergie: {
    un: 'une allergie, ou qu’il n’y en a pas',
    des: 'les allergies',
    note: '`aucune_connue` dit qu’il n’y en a pas : refusé tant qu’il y en a une (`ALLERGIE_CONNUE`), et résolu par celle qui vient après.',
    exemple: {
      substance: 'Pénicilline',
      categorie: 'medicament',
      reaction: 'Urticaire',
      severite: 'moderee',
    },
    changement: { statut: 'resolu' },
  },
  traitement: {
    un: 'un traitement au long cours',
    des: 'les traitements au long cours',
    exemple: { medicament: 'Metformine 850 mg', posologie: '1 matin et soir', date_debut: '2019-05' },
    changement: { statut: 'termine', date_fin: '2026-11-29' },
  },
  constante: {
    un: 'une constante',
    des: 'les constantes',
    note: 'Hors de bornes plausibles, ou dans une autre unité, elle est refusée.',
    exemple: { type: 'tension_arterielle', valeur: 128, diastolique: 79 },
    changement: { statut: 'erreur', motif_erreur: 'Autre patient' },
  },
  diagnostic: {
    un: 'un diagnostic',
    des: 'les diagnostics',
    exemple: { texte: 'Diabète de type 2', code: 'E11.9' },
    changement: { statut: 'resolu' },
  },
};

function answered({ element, patient }: { element: Element; patient: PatientMontre }, status = 200): Answer {
  return { ...resource(shownElement(element), status), patients: [patient] };
}

/** A measure without a unit is in the usual one. */
function saisieOf<N extends Nature>(nature: N, body: Record<string, unknown>) {
  const { date_effet = null, consultation_id = null, ...fields } = body;
  const { type, unite } = fields as Partial<Contenus['constante']>;
  const contenu = nature === 'constante' ? { ...fields, unite: unite ?? uniteUsuelle(type!) } : fields;
  return {
    contenu: contenu as unknown as Contenus[N],
    date_effet: date_effet as Date | null,
    consultation_id: consultation_id as number | null,
  };
}

function routesOf(nature: Nature): Route[] {
  const { segment, administratif, ajoutSeul, deConsultation } = ELEMENTS[nature];
  const { un, des, note, exemple, changement } = PRESENTATIONS[nature];
  const { body, changes, query, answer } = elementSchemas(nature);
  const subject = administratif ? 'Patient' : 'Dossier';
  const reads: RouteAccess = ['read', subject];
  const writes: RouteAccess = ['update', subject];
  const path = `/patients/:id/${segment}`;
  const refusals: ErrorCode[] = administratif ? ['INTROUVABLE'] : ['INTROUVABLE', 'DOSSIER_NON_PARTAGE'];
  const contradiction: ErrorCode[] = [
    ...(nature === 'allergie' ? (['ALLERGIE_CONNUE'] as const) : []),
    ...(deConsultation ? (['SIGNEE'] as const) : []),
  ];
  const written = { action: 'ecriture', categories: [segment] } as const;
  const listed = route({
    method: 'get',
    path,
    tag: TAG,
    summary: `Lister ${des} d’un patient`,
    description: note,
    access: reads,
    medical: { acces: { action: 'lecture', categories: [segment] } },
    params: idParam,
    query,
    answer: { status: 200, description: 'Entrées', schema: answer, list: true },
    refusals,
    handle: async ({ params, query: asked, ctx, ...call }) => {
      const { statut, ...paged } = asked as unknown as ElementFilters & PageRequest;
      const by = askedOf(call);
      const found = await listElements(by, nature, params.id, { statut }, paged);
      const rows = found.page.rows as unknown as Element[];
      return { ...page({ ctx }, { ...found.page, rows: rows.map(shownElement) }), patients: [found.patient] };
    },
  });
  const created = route({
    method: 'post',
    path,
    tag: TAG,
    summary: `Inscrire ${un}`,
    description: note,
    access: writes,
    medical: {
      acces: written,
      replay: async (call, id) => answered(await readElement(askedOf(call), nature, id)),
    },
    params: idParam,
    body,
    answer: { status: 201, description: 'Entrée', schema: answer },
    refusals: [...refusals, ...contradiction],
    examples: { body: exemple },
    handle: async ({ params, body: given, ...call }) => {
      const by = askedOf(call);
      return answered(await createElement(by, nature, params.id, saisieOf(nature, given)), 201);
    },
  });
  if (ajoutSeul) return [listed, created];
  const changed = route({
    method: 'patch',
    path: `${path}/:element_id`,
    tag: TAG,
    summary: `Modifier ${un}, ou dire que c’était une erreur`,
    description: 'Rien n’est supprimé : chaque version est gardée, et ce qui fut saisi à tort reste visible.',
    access: writes,
    medical: { acces: written },
    params: elementParams,
    body: changes,
    answer: { status: 200, description: 'Entrée', schema: answer },
    refusals: [...refusals, ...contradiction, 'VERSION_PERIMEE', 'TRANSITION_INVALIDE'],
    examples: { body: changement },
    handle: async ({ params, body: given, ifMatch, ...call }) => {
      const by = askedOf(call);
      return answered(await updateElement(by, nature, params.id, params.element_id, given, ifMatch));
    },
  });
  return [listed, created, changed];
}

const IDENTIFIANTS = ['identifiants'];

function identifiant({ identifiant: one, patient }: IdentifiantTenu, status = 200): Answer {
  return { ...resource({ ...one, version: patient.version }, status), patients: [patient] };
}

/** The numbers by which others know somebody belong to their identity: its version is theirs too. */
const identifiantRoutes: Route[] = [
  route({
    method: 'get',
    path: '/patients/:id/identifiants',
    tag: TAG,
    summary: 'Lister les identifiants d’un patient',
    access: ['read', 'Patient'],
    medical: { acces: { action: 'lecture', categories: IDENTIFIANTS } },
    params: idParam,
    answer: { status: 200, description: 'Identifiants', schema: z.array(identifiantAnswer) },
    refusals: ['INTROUVABLE'],
    handle: async ({ params, ...call }) => {
      const { patient, identifiants } = await listIdentifiants(askedOf(call), params.id);
      const body = identifiants.map((one) => ({ ...one, version: patient.version }));
      return { body, patients: [patient] };
    },
  }),
  route({
    method: 'post',
    path: '/patients/:id/identifiants',
    tag: TAG,
    summary: 'Ajouter un identifiant',
    access: ['update', 'Patient'],
    medical: {
      acces: { action: 'ecriture', categories: IDENTIFIANTS },
      replay: async (call, id) => identifiant(await readIdentifiant(askedOf(call), id)),
    },
    params: idParam,
    body: identifiantBody,
    answer: { status: 201, description: 'Identifiant', schema: identifiantAnswer },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE'],
    examples: { body: { type: 'cin', valeur: 'BK 123456' } },
    handle: async ({ params, body, ifMatch, ...call }) => {
      const by = askedOf(call);
      return identifiant(await addIdentifiant(by, params.id, body, ifMatch), 201);
    },
  }),
  route({
    method: 'patch',
    path: '/patients/:id/identifiants/:identifiant_id',
    tag: TAG,
    summary: 'Corriger un identifiant',
    description:
      'Celui qui était reste dans l’historique du patient. `If-Match` porte sur la version du patient.',
    access: ['update', 'Patient'],
    medical: { acces: { action: 'ecriture', categories: IDENTIFIANTS } },
    params: identifiantParams,
    body: identifiantChanges,
    answer: { status: 200, description: 'Identifiant', schema: identifiantAnswer },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE'],
    examples: { body: { valeur: 'BK 123457' } },
    handle: async ({ params, body, ifMatch, ...call }) => {
      const by = askedOf(call);
      return identifiant(await changeIdentifiant(by, params.id, params.identifiant_id, body, ifMatch));
    },
  }),
];

export const dossierRoutes: Route[] = [
  ...identifiantRoutes,
  ...(Object.keys(ELEMENTS) as Nature[]).flatMap(routesOf),
];
