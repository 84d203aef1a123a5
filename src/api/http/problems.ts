import { foreignKeyViolation, isDatabaseUnreachable, uniqueViolation } from '../../db/errors';
import { type ErrorCode, RegieError, type Texte, unavailable } from '../../domain/errors';
import { StoreUnavailable } from '../../storage/objects';

/** RFC 9457 answers (contract §1): the one place where errors become what a client reads. */

export type Langue = keyof Texte;

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  instance: string;
  code: ErrorCode;
  correlation_id: string;
  erreurs?: { champ: string; message: string }[];
  [extension: string]: unknown;
}

export const PROBLEMS: Readonly<Record<ErrorCode, { status: number; title: Texte }>> = {
  REQUETE_MALFORMEE: { status: 400, title: { fr: 'Requête malformée', en: 'Malformed request' } },
  NON_AUTHENTIFIE: { status: 401, title: { fr: 'Authentification requise', en: 'Authentication required' } },
  IDENTIFIANTS_INVALIDES: {
    status: 401,
    title: { fr: 'Adresse ou mot de passe incorrect', en: 'Wrong address or password' },
  },
  INTERDIT: { status: 403, title: { fr: 'Action non autorisée', en: 'Not allowed' } },
  SECOND_FACTEUR_REQUIS: {
    status: 401,
    title: { fr: 'Code du second facteur requis', en: 'Second factor code required' },
  },
  SECOND_FACTEUR_A_ACTIVER: {
    status: 403,
    title: { fr: 'Second facteur à activer', en: 'A second factor has to be set up' },
  },
  INTROUVABLE: { status: 404, title: { fr: 'Introuvable', en: 'Not found' } },
  METHODE_NON_ACCEPTEE: { status: 405, title: { fr: 'Méthode non acceptée', en: 'Method not allowed' } },
  DELAI_DEPASSE: { status: 408, title: { fr: 'Requête trop lente', en: 'The request came too slowly' } },
  TRANSITION_INVALIDE: {
    status: 409,
    title: {
      fr: "Cette action n'est pas possible dans l'état actuel",
      en: 'Not possible in the present state',
    },
  },
  CLOTUREE: {
    status: 409,
    title: {
      fr: "L'intervention est close : rien n'y change plus",
      en: 'The intervention is closed: nothing of it changes any more',
    },
  },
  CONFLIT_PLANNING: {
    status: 409,
    title: { fr: "Le technicien n'est pas libre à ce moment", en: 'The technicien is not free at that time' },
  },
  HORS_DISPONIBILITE: {
    status: 409,
    title: {
      fr: "Le technicien n'est pas disponible à ce moment",
      en: 'The technicien is not available at that time',
    },
  },
  CRENEAU_PRIS: { status: 409, title: { fr: 'Ce créneau est pris', en: 'This slot is taken' } },
  DOSSIER_NON_PARTAGE: {
    status: 403,
    title: { fr: "Ce dossier n'est pas partagé", en: 'This record is not shared' },
  },
  SIGNEE: {
    status: 409,
    title: { fr: 'Signé : cela ne change plus', en: 'Signed: it does not change any more' },
  },
  ALLERGIE_CONNUE: {
    status: 409,
    title: { fr: 'Allergie connue du patient', en: 'A known allergy of the patient' },
  },
  RETENUE_EXPIREE: {
    status: 409,
    title: { fr: 'Le créneau n’est plus retenu', en: 'The slot is not held any more' },
  },
  PREAVIS: {
    status: 409,
    title: { fr: 'Trop tard pour ce rendez-vous', en: 'Too late for this appointment' },
  },
  HORS_FENETRE: {
    status: 409,
    title: { fr: 'Hors de la période de réservation', en: 'Outside of the period that can be booked' },
  },
  PLAFOND: {
    status: 409,
    title: {
      fr: 'Il y a déjà autant de rendez-vous que possible',
      en: 'There are as many appointments as there can be',
    },
  },
  PATIENT_FUSIONNE: {
    status: 409,
    title: {
      fr: 'Ce patient a été fusionné dans un autre',
      en: 'This patient has been merged into another one',
    },
  },
  FUSION_IMPOSSIBLE: {
    status: 409,
    title: { fr: 'Ces patients ne peuvent pas être fusionnés', en: 'These patients cannot be merged' },
  },
  FUSION_DEFINITIVE: {
    status: 409,
    title: { fr: 'Cette fusion ne peut plus être annulée', en: 'This merge can no longer be undone' },
  },
  PURGE_IMPOSSIBLE: {
    status: 409,
    title: { fr: 'Ce dossier est conservé', en: 'This record is kept' },
  },
  DEJA_EXISTANT: { status: 409, title: { fr: 'Existe déjà', en: 'Already exists' } },
  DEPENDANCES: {
    status: 409,
    title: { fr: "D'autres données en dépendent", en: 'Other data depends on it' },
  },
  LIMITE_ATTEINTE: {
    status: 409,
    title: { fr: 'Il y en a déjà autant que possible', en: 'There are as many as there can be' },
  },
  STOCK_INSUFFISANT: {
    status: 409,
    title: { fr: "Il n'y en a pas assez de disponibles", en: 'Not enough of it is available' },
  },
  VERSION_PERIMEE: {
    status: 412,
    title: { fr: 'La ressource a changé entre-temps', en: 'The resource has changed meanwhile' },
  },
  TROP_GROS: { status: 413, title: { fr: 'Contenu trop volumineux', en: 'Content too large' } },
  TYPE_NON_ACCEPTE: {
    status: 415,
    title: { fr: 'Type de contenu non accepté', en: 'Content type not accepted' },
  },
  PLAGE_INVALIDE: { status: 416, title: { fr: 'Plage hors du fichier', en: 'Range outside of the file' } },
  VALIDATION: { status: 422, title: { fr: 'Données non valides', en: 'Invalid data' } },
  CLE_REUTILISEE: {
    status: 422,
    title: { fr: "Clé d'idempotence déjà utilisée", en: 'Idempotency key already used' },
  },
  LIEN_INVALIDE: {
    status: 422,
    title: {
      fr: 'Ce lien ne fonctionne pas, ou plus : demandez-en un autre',
      en: 'This link does not work, or not any more: ask for another one',
    },
  },
  TROP_DE_REQUETES: { status: 429, title: { fr: 'Trop de requêtes', en: 'Too many requests' } },
  ENTETES_TROP_GROS: {
    status: 431,
    title: { fr: 'Adresse ou en-têtes trop longs', en: 'Address or headers too long' },
  },
  ERREUR_INTERNE: { status: 500, title: { fr: 'Erreur interne', en: 'Internal error' } },
  SERVICE_INDISPONIBLE: {
    status: 503,
    title: { fr: 'Service momentanément indisponible', en: 'Service unavailable at the moment' },
  },
};

/** Whatever was thrown, as one of our errors; what is not understood becomes `ERREUR_INTERNE`. */
export function toRegieError(error: unknown): RegieError {
  if (error instanceof RegieError) return error;
  if (isDatabaseUnreachable(error)) return unavailable('database', error);
  if (error instanceof StoreUnavailable) return unavailable('store', error);
  const duplicate = uniqueViolation(error);
  if (duplicate !== null) return new RegieError('DEJA_EXISTANT', { cause: error });
  if (foreignKeyViolation(error) !== null) return new RegieError('DEPENDANCES', { cause: error });
  return fromHttpError(error) ?? new RegieError('ERREUR_INTERNE', { cause: error });
}

/** Errors of Koa and of the body parsers carry a status. */
function fromHttpError(error: unknown): RegieError | null {
  const status =
    (error as { status?: unknown } | null)?.status ?? (error as { httpCode?: unknown } | null)?.httpCode;
  if (status === 413) return new RegieError('TROP_GROS', { cause: error });
  if (status === 415) return new RegieError('TYPE_NON_ACCEPTE', { cause: error });
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new RegieError('REQUETE_MALFORMEE', { cause: error });
  }
  return null;
}

/** The answer for an error. */
export function toProblem(
  error: RegieError,
  request: { path: string; correlationId: string; langue: Langue },
): Problem {
  const { status, title } = PROBLEMS[error.code];
  const { detail, erreurs, extensions } = error.details;
  const text = (texte: Texte) => texte[request.langue];
  return {
    type: `/problems/${error.code.toLowerCase().replaceAll('_', '-')}`,
    title: text(title),
    status,
    ...(detail ? { detail: text(detail) } : {}),
    instance: request.path,
    code: error.code,
    correlation_id: request.correlationId,
    ...(erreurs ? { erreurs: erreurs.map(({ champ, message }) => ({ champ, message: text(message) })) } : {}),
    ...extensions,
  };
}
