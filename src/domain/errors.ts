/**
 * What can go wrong, as values: a stable code that a program can test, and what a person should read in
 * French and English. The API turns them into RFC 9457 answers in one place (`api/http/problems.ts`).
 */

/** The codes of contract §1; the status that goes with each stands in the API. */
export type ErrorCode =
  | 'REQUETE_MALFORMEE'
  | 'NON_AUTHENTIFIE'
  | 'IDENTIFIANTS_INVALIDES'
  | 'INTERDIT'
  | 'SECOND_FACTEUR_REQUIS'
  | 'SECOND_FACTEUR_A_ACTIVER'
  | 'INTROUVABLE'
  | 'METHODE_NON_ACCEPTEE'
  | 'DELAI_DEPASSE'
  | 'TRANSITION_INVALIDE'
  | 'CLOTUREE'
  | 'CONFLIT_PLANNING'
  | 'HORS_DISPONIBILITE'
  | 'CRENEAU_PRIS'
  | 'DOSSIER_NON_PARTAGE'
  | 'SIGNEE'
  | 'ALLERGIE_CONNUE'
  | 'RETENUE_EXPIREE'
  | 'PREAVIS'
  | 'HORS_FENETRE'
  | 'PLAFOND'
  | 'PATIENT_FUSIONNE'
  | 'FUSION_IMPOSSIBLE'
  | 'FUSION_DEFINITIVE'
  | 'PURGE_IMPOSSIBLE'
  | 'DEJA_EXISTANT'
  | 'DEPENDANCES'
  | 'LIMITE_ATTEINTE'
  | 'STOCK_INSUFFISANT'
  | 'VERSION_PERIMEE'
  | 'TROP_GROS'
  | 'TYPE_NON_ACCEPTE'
  | 'PLAGE_INVALIDE'
  | 'VALIDATION'
  | 'CLE_REUTILISEE'
  | 'LIEN_INVALIDE'
  | 'TROP_DE_REQUETES'
  | 'ENTETES_TROP_GROS'
  | 'SERVICE_INDISPONIBLE'
  | 'ERREUR_INTERNE';

/** A text in each language that answers are written in. */
export interface Texte {
  fr: string;
  en: string;
}

/** A fault of one field of a body or query. */
export interface FieldFault {
  champ: string;
  message: Texte;
}

export interface ErrorDetails {
  detail?: Texte;
  erreurs?: FieldFault[];
  /** Further members of the answer, such as the rows that collide. */
  extensions?: Record<string, unknown>;
  /** Seconds after which trying again makes sense. */
  retryAfter?: number;
  cause?: unknown;
}

export class RegieError extends Error {
  override readonly name = 'RegieError';

  constructor(
    readonly code: ErrorCode,
    readonly details: ErrorDetails = {},
  ) {
    super(details.detail?.en ?? code, { cause: details.cause });
  }
}

export function notFound(): RegieError {
  return new RegieError('INTROUVABLE');
}

export function forbidden(detail?: Texte): RegieError {
  return new RegieError('INTERDIT', { detail });
}

/** One or more fields of the request are not acceptable. */
export function invalid(...erreurs: FieldFault[]): RegieError {
  return new RegieError('VALIDATION', { erreurs });
}

/** A field refers to something that does not exist, or that the caller may not see. */
export function unknownReference(champ: string): RegieError {
  return invalid({
    champ,
    message: { fr: 'Ne désigne rien qui existe', en: 'Does not refer to anything that exists' },
  });
}

/** A server that Régie depends on cannot be reached. */
export function unavailable(service: 'engine' | 'database' | 'store', cause?: unknown): RegieError {
  const names = {
    engine: { fr: "Le moteur d'exécution", en: 'The workflow engine' },
    database: { fr: 'La base de données', en: 'The database' },
    store: { fr: 'Le stockage de fichiers', en: 'The file store' },
  }[service];
  return new RegieError('SERVICE_INDISPONIBLE', {
    detail: {
      fr: `${names.fr} est momentanément injoignable`,
      en: `${names.en} cannot be reached at the moment`,
    },
    retryAfter: 5,
    cause,
  });
}
