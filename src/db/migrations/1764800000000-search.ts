import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One form of text for what is stored and what is asked, in French, English and Arabic writing, and an index behind
 * every parameter of every list.
 */
export class Search1764800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...FUNCTIONS, ...COLUMNS, ...INDEXES]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

/**
 * What is taken out of a decomposed text: accents and other marks, the marks of Arabic vowels and of a hamza above or
 * below (so that all forms of alef are one), the tatweel, and what does not show (soft hyphens, marks of direction).
 */
const MARKS = [
  '\\u0300-\\u036F',
  '\\u0610-\\u061A\\u064B-\\u065F\\u0670\\u06D6-\\u06DC\\u06DF-\\u06E4\\u06E7\\u06E8\\u06EA-\\u06ED\\u0640',
  '\\u00AD\\u034F\\u061C\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u2069\\uFE00-\\uFE0F\\uFEFF',
].join('');

const FUNCTIONS = [
  // NFKD has one form for what looks alike, wide and ligated letters and every kind of blank among them.
  `CREATE FUNCTION texte_recherche(texte text) RETURNS text
     LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
     RETURN btrim(regexp_replace(
       translate(
         lower(public.unaccent('public.unaccent'::regdictionary,
           regexp_replace(normalize(texte, NFKD), '[${MARKS}]', '', 'g'))),
         'ٱىة', 'ايه'),
       '\\s+', ' ', 'g'))`,
  /*
   * What a word is looked for by, in a text that begins with a blank. A short one is looked for where words begin:
   * anywhere inside of them the trigrams of an index could not find it. Null, which finds nothing, where nothing of the
   * word is left.
   */
  `CREATE FUNCTION motif_recherche(mot text) RETURNS text
     LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
     RETURN CASE
       WHEN texte_recherche(mot) = '' THEN NULL
       ELSE CASE WHEN length(texte_recherche(mot)) < 3 THEN '% ' ELSE '%' END
         || regexp_replace(texte_recherche(mot), '([\\\\%_])', '\\\\\\1', 'g') || '%' END`,
  `CREATE FUNCTION textes_recherche(textes text[]) RETURNS text[]
     LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
     RETURN (SELECT coalesce(array_agg(texte_recherche(texte)), '{}') FROM unnest(textes) AS texte)`,
  // array_to_string() is only STABLE because of types other than text.
  `CREATE FUNCTION mots_ensemble(textes text[]) RETURNS text
     LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
     RETURN (SELECT coalesce(string_agg(texte, ' '), '') FROM unnest(textes) AS texte)`,
];

const SEARCHED: Readonly<Record<string, string>> = {
  interventions: `titre || ' ' || description`,
  equipements: `nom || ' ' || type || ' ' || coalesce(modele, '') || ' ' || numero_serie || ' ' || coalesce(localisation, '')`,
  users: `prenom || ' ' || nom || ' ' || email::text`,
  techniciens: `specialite || ' ' || mots_ensemble(competences) || ' ' || coalesce(localisation_base, '')`,
  pieces: `reference || ' ' || designation`,
  documents: 'nom',
  cles_api: `nom || ' ' || debut`,
};

const COLUMNS = [
  'DROP INDEX interventions_recherche, equipements_recherche',
  'ALTER TABLE interventions DROP COLUMN recherche',
  'ALTER TABLE equipements DROP COLUMN recherche',
  'DROP FUNCTION texte_cherchable(text)',
  ...Object.entries(SEARCHED).flatMap(([table, text]) => [
    `ALTER TABLE ${table} ADD COLUMN recherche text NOT NULL GENERATED ALWAYS AS (' ' || texte_recherche(${text})) STORED`,
    `CREATE INDEX ${table}_recherche ON ${table} USING gin (recherche gin_trgm_ops)`,
  ]),
  `ALTER TABLE techniciens
     ADD COLUMN competences_recherche text[] NOT NULL GENERATED ALWAYS AS (textes_recherche(competences)) STORED`,
];

/** Beside those there are: what a list may be asked for or sorted by, each with the sort that goes with it. */
const INDEXES = [
  'CREATE INDEX interventions_priorite_creation ON interventions (priorite, date_creation, id)',
  'CREATE INDEX interventions_type_creation ON interventions (type_intervention, date_creation, id)',
  'CREATE INDEX interventions_urgence_creation ON interventions (urgence, date_creation, id)',
  'CREATE INDEX interventions_titre ON interventions (titre, id)',
  'CREATE INDEX interventions_niveau ON interventions (niveau_escalade, id)',
  `CREATE INDEX interventions_poids ON interventions
     (array_position(ARRAY['basse', 'normale', 'haute', 'critique'], priorite), id)`,
  'CREATE INDEX equipements_type ON equipements (type, id)',
  'CREATE INDEX equipements_statut ON equipements (statut, id)',
  'CREATE INDEX equipements_criticite ON equipements (criticite, id)',
  'CREATE INDEX equipements_nom ON equipements (nom, id)',
  'CREATE INDEX equipements_creation ON equipements (date_creation, id)',
  `CREATE INDEX equipements_localisation_tri ON equipements (coalesce(localisation, ''), id)`,
  `CREATE INDEX equipements_poids ON equipements
     (array_position(ARRAY['basse', 'normale', 'haute', 'critique'], criticite), id)`,
  'CREATE INDEX pieces_en_alerte ON pieces (reference, id) WHERE stock <= seuil_alerte',
  'CREATE INDEX pieces_designation ON pieces (designation, id)',
  'CREATE INDEX pieces_stock ON pieces (stock, id)',
  'CREATE INDEX users_role ON users (role, id)',
  'CREATE INDEX users_inactifs ON users (id) WHERE NOT is_active',
  'CREATE INDEX users_nom ON users (nom, id)',
  'CREATE INDEX users_prenom ON users (prenom, id)',
  'CREATE INDEX users_email ON users ((email::text), id)',
  'CREATE INDEX users_creation ON users (date_creation, id)',
  `CREATE INDEX users_connexion ON users (coalesce(derniere_connexion, timestamptz 'epoch'), id)`,
  'CREATE INDEX techniciens_competences ON techniciens USING gin (competences_recherche)',
  'CREATE INDEX techniciens_specialite ON techniciens (texte_recherche(specialite), id)',
  'CREATE INDEX techniciens_niveau ON techniciens (niveau_experience, id)',
  'CREATE INDEX documents_type ON documents (type_document, id)',
  'CREATE INDEX documents_nom ON documents (nom, id)',
  'CREATE INDEX documents_creation ON documents (date_creation, id)',
  'CREATE INDEX documents_taille ON documents ((taille::double precision), id)',
  'CREATE INDEX notifications_creation ON notifications (destinataire_id, date_creation, id)',
  'CREATE INDEX plannings_statut_date ON plannings (statut, date_planifiee, id)',
  'CREATE INDEX plannings_duree ON plannings (duree_estimee, id)',
];

const DOWN = [
  ...INDEXES.map((statement) => `DROP INDEX ${statement.split(' ')[2]}`),
  'ALTER TABLE techniciens DROP COLUMN competences_recherche',
  ...Object.keys(SEARCHED).map((table) => `ALTER TABLE ${table} DROP COLUMN recherche`),
  'DROP FUNCTION mots_ensemble(text[]), textes_recherche(text[]), motif_recherche(text), texte_recherche(text)',
  `CREATE FUNCTION texte_cherchable(texte text) RETURNS text
     LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
     RETURN lower(public.unaccent('public.unaccent'::regdictionary, texte))`,
  `ALTER TABLE interventions
     ADD COLUMN recherche text GENERATED ALWAYS AS (texte_cherchable(titre || ' ' || description)) STORED`,
  `ALTER TABLE equipements ADD COLUMN recherche text GENERATED ALWAYS AS
     (texte_cherchable(nom || ' ' || type || ' ' || coalesce(modele, '') || ' ' || numero_serie || ' ' || coalesce(localisation, ''))) STORED`,
  'CREATE INDEX interventions_recherche ON interventions USING gin (recherche gin_trgm_ops)',
  'CREATE INDEX equipements_recherche ON equipements USING gin (recherche gin_trgm_ops)',
];
