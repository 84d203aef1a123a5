import {
  DOCUMENT_COLUMNS,
  EQUIPEMENT_COLUMNS,
  INTERVENTION_COLUMNS,
  NOTIFICATION_COLUMNS,
  PLANNING_COLUMNS,
  TECHNICIEN_COLUMNS,
  USER_COLUMNS,
} from '../../src/auth/columns';
import type { Subject } from '../../src/auth/permissions';
import type { Columns } from '../../src/auth/sql';

/** Subjects that have rows. */
export type RowSubject = Exclude<Subject, 'Dashboard'>;

interface Place {
  from: string;
  alias: string;
  columns: Columns;
}

const EQUIPEMENT = 'JOIN equipements e ON e.id = i.equipement_id';

/** Where the rows of each subject are, and in which columns the fields that rules speak of. */
export const PLACES: Record<RowSubject, Place> = {
  User: { from: 'users u', alias: 'u', columns: USER_COLUMNS },
  Technicien: {
    from: 'techniciens t JOIN users u ON u.id = t.user_id',
    alias: 't',
    columns: TECHNICIEN_COLUMNS,
  },
  Equipement: { from: 'equipements e', alias: 'e', columns: EQUIPEMENT_COLUMNS },
  Piece: { from: 'pieces p', alias: 'p', columns: {} },
  Intervention: { from: `interventions i ${EQUIPEMENT}`, alias: 'i', columns: INTERVENTION_COLUMNS },
  Planning: {
    from: `plannings p JOIN interventions i ON i.id = p.intervention_id ${EQUIPEMENT}`,
    alias: 'p',
    columns: PLANNING_COLUMNS,
  },
  Document: {
    from: `documents d LEFT JOIN interventions i ON i.id = d.intervention_id
           JOIN equipements e ON e.id = coalesce(d.equipement_id, i.equipement_id)`,
    alias: 'd',
    columns: DOCUMENT_COLUMNS,
  },
  Notification: { from: 'notifications n', alias: 'n', columns: NOTIFICATION_COLUMNS },
  CleApi: { from: 'cles_api c', alias: 'c', columns: {} },
  Audit: { from: 'historique h', alias: 'h', columns: {} },
};
