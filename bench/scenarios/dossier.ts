import { performance } from 'node:perf_hooks';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { Access } from '../../src/auth/access';
import { createSecrets, type Secrets } from '../../src/auth/secrets';
import { loadConfig } from '../../src/config';
import { createDataSource } from '../../src/db/data-source';
import { openCabinets } from '../../src/db/medical';
import { recordAcces } from '../../src/services/cabinet/acces';
import { lireDossier } from '../../src/services/cabinet/dossier-lu';
import { openClesPatient } from '../../src/services/cabinet/sceau';
import { step } from '../../tools/lib/progress';
import type { ApiClient } from '../api-client';
import { GOALS } from '../goals';
import { ouvrirCabinet } from './cabinet';
import type { ScenarioContext } from './context';
import { lireNu } from './dossier-nu';

/** Twenty years of somebody who comes often. */
const CONSULTATIONS = 600;
/** The first ones are not counted: nothing is compiled yet, and nothing cached. */
const WARM = 60;
const TURN = 20;
const TURNS = 25;

/**
 * What a record at a glance costs, of a patient with 600 consultations: by turns the use case with its rights, row security
 * and its line of the log, and the bare reading and opening of the same rows by their ids. And what a doctor waits for it.
 */
export async function benchDossier({ system, report, client }: ScenarioContext): Promise<void> {
  const { doctor, cabinetId, userId } = await ouvrirCabinet(system, client, 'dossier-bench@exemple.ma');
  const patientId = await step(`Entering ${CONSULTATIONS} consultations`, () => enter(doctor));
  const config = loadConfig({ ...process.env, ...system.env });
  const secrets = createSecrets(config.dataKeys);
  const medical = await createDataSource({
    url: config.databaseMedicalUrl,
    medical: true,
    poolSize: 1,
    applicationName: 'bench-medical',
  }).initialize();
  const bare = new Client({ connectionString: config.databaseMedicalUrl });
  await bare.connect();
  const times = { ours: [] as number[], bare: [] as number[], api: [] as number[] };
  try {
    const reading = { cabinetId, userId, patientId };
    const ids = await idsOf(medical, secrets, reading);
    const ways = {
      ours: () => ours(medical, secrets, reading),
      bare: () => lireNu(bare, secrets, ids),
      api: () => doctor.send('GET', `/patients/${patientId}/dossier`),
    };
    await step('Reading the record', async () => {
      for (let turn = -WARM / TURN; turn < TURNS; turn++) {
        for (const way of ['ours', 'bare', 'api'] as const) {
          for (let n = 0; n < TURN; n++) {
            const begin = performance.now();
            await ways[way]();
            if (turn >= 0) times[way].push(performance.now() - begin);
          }
        }
      }
    });
  } finally {
    await medical.destroy();
    await bare.end();
    doctor.close();
  }
  const p95 = [...times.api].sort((a, b) => a - b)[Math.floor(times.api.length * 0.95)]!;
  report.reach(GOALS.dossier, median(times.ours) / median(times.bare));
  report.reach(GOALS.dossierAlone, p95);
  report.fact(
    `a record at a glance of ${CONSULTATIONS} consultations, p50`,
    `${median(times.ours).toFixed(1)} ms, bare ${median(times.bare).toFixed(1)} ms, over HTTP ${median(times.api).toFixed(1)} ms`,
  );
}

const median = (all: readonly number[]) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)]!;

interface Reading {
  cabinetId: number;
  userId: number;
  patientId: number;
}

/** The use case as the API runs it, without HTTP: practices opened, rights asked, the line of the log written. */
function ours(medical: DataSource, secrets: Secrets, { cabinetId, userId, patientId }: Reading) {
  return medical.transaction(async (tx) => {
    await openCabinets(tx, { userId, cabinets: [cabinetId], administre: false });
    const access = accessOf(cabinetId, userId);
    const actor = { userId, cleApiId: null, now: new Date(), correlationId: 'bench', adresse: null };
    const { dossier, patient } = await lireDossier({ tx, access, actor, secrets }, patientId);
    await recordAcces(tx, access, actor, {
      ...{ action: 'lecture', categories: ['dossier'], requete: 'GET /patients/:id/dossier' },
      patients: [patient],
    });
    return dossier;
  });
}

function accessOf(cabinetId: number, userId: number): Access {
  return new Access({
    ...{ userId, role: 'membre', technicienId: null, sites: [], tousSites: false, langue: 'fr' },
    ...{ sessionId: null, cleApiId: null, chemins: null, secondFacteur: false },
    appartenances: [{ cabinetId, fonction: 'medecin' }],
  });
}

/** Which rows it reads, and the key to them. */
async function idsOf(medical: DataSource, secrets: Secrets, reading: Reading) {
  const { cabinetId, userId, patientId } = reading;
  const found = await ours(medical, secrets, reading);
  const { allergies, traitements, antecedents, constantes, consultations } = found;
  const cle = await medical.transaction(async (tx) => {
    await openCabinets(tx, { userId, cabinets: [cabinetId], administre: false });
    return (await openClesPatient(tx, secrets, [patientId])).get(patientId)!;
  });
  const within = consultations.flatMap((one) => [...one.constantes, ...one.diagnostics]);
  const entries = [...allergies, ...traitements, ...antecedents, ...constantes, ...within];
  return {
    ...{ cabinetId, userId, patientId, cle },
    elements: [...new Set(entries.map(({ id }) => id))],
    consultations: consultations.map(({ id }) => id),
  };
}

async function enter(doctor: ApiClient): Promise<number> {
  const { id: patient_id } = await doctor.send<{ id: number }>('POST', '/patients', {
    ...{ nom_naissance: 'Benali', prenoms: 'Samira', sexe: 'F', date_naissance: '1962-03-14' },
  });
  const path = `/patients/${patient_id}`;
  for (const substance of ['Pénicilline', 'Latex'])
    await doctor.send('POST', `${path}/allergies`, { substance });
  for (let n = 0; n < 4; n++) {
    await doctor.send('POST', `${path}/traitements`, {
      medicament: `Metformine ${n}`,
      posologie: 'matin et soir',
    });
    await doctor.send('POST', `${path}/antecedents`, { type: 'medical', texte: `Hypertension ${n}` });
  }
  for (let n = 0; n < CONSULTATIONS; n++) {
    const date = new Date(Date.UTC(2006, 0, 1) + n * 12 * 86_400_000).toISOString();
    const { id } = await doctor.send<{ id: number }>('POST', '/consultations', {
      ...{ patient_id, date, motif: 'Renouvellement', interrogatoire: 'Rien de nouveau. '.repeat(20) },
      ...{ examen: 'Auscultation libre. '.repeat(20), conclusion: 'Stable', conduite: 'Même traitement' },
    });
    const measured = { date_effet: date, consultation_id: id };
    await doctor.send('POST', `${path}/constantes`, { type: 'poids', valeur: 70 + (n % 9), ...measured });
    const tension = { type: 'tension_arterielle', valeur: 120 + (n % 30), diastolique: 80, ...measured };
    await doctor.send('POST', `${path}/constantes`, tension);
    await doctor.send('POST', `${path}/diagnostics`, {
      texte: 'Diabète',
      code: 'E11.9',
      consultation_id: id,
    });
  }
  return patient_id;
}
