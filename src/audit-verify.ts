import { createSecrets, type Secrets } from './auth/secrets';
import { type Config, loadConfig } from './config';
import { createDataSource } from './db/data-source';
import { type CheckpointFault, verifyCheckpoints } from './services/audit/checkpoints';
import { type ChainFault, verifyChains } from './services/audit/verification';
import { type AccesFault, verifyAcces } from './services/cabinet/acces-verification';
import { verifyConsultations } from './services/cabinet/consultations-verification';
import { verifyEcrits } from './services/cabinet/ecrits-verification';
import { explainStartupFault } from './startup';
import { createObjectStore } from './storage/objects';

/**
 * Checks that nobody has changed or removed anything in the audit, as the application's role, which can only read it.
 * Ends with 0 when all is well, 1 when something is not, 2 when it could not be checked.
 */
async function main(): Promise<number> {
  const config = loadConfig();
  const db = await createDataSource({
    url: config.databaseUrl,
    poolSize: 1,
    applicationName: 'regie-audit-verify',
  }).initialize();
  let faults = 0;
  const report = (fault: ChainFault | CheckpointFault) => {
    faults += 1;
    console.log(describe(fault));
  };
  try {
    const { rows, chains } = await verifyChains(db, report);
    const secrets = createSecrets(config.dataKeys);
    const store = createObjectStore(config.s3);
    const { checkpoints, lastCheckpoint } = await verifyCheckpoints(db, store, secrets, report);
    const last = lastCheckpoint === null ? '' : `, the last of ${lastCheckpoint}`;
    console.log(`Checked: ${rows} rows in ${chains} chains, ${checkpoints} checkpoints${last}`);
    const say = (line: string) => {
      faults += 1;
      console.log(line);
    };
    await checkPractices(config, secrets, say);
  } finally {
    await db.destroy();
  }
  console.log(faults === 0 ? 'Nothing was changed or removed' : `${faults} faults`);
  return faults === 0 ? 0 : 1;
}

/** What practices keep, over connections with the rights to it. */
async function checkPractices(
  { databaseMedicalUrl: url }: Config,
  secrets: Secrets,
  report: (line: string) => void,
): Promise<void> {
  const medical = await createDataSource({
    url,
    poolSize: 1,
    medical: true,
    applicationName: 'regie-audit-verify',
  }).initialize();
  try {
    const acces = await verifyAcces(medical, secrets, (fault) =>
      report(`Practice ${fault.cabinet_id}, log of accesses: ${describe(fault)}`),
    );
    console.log(`Checked: ${acces.rows} accesses to patients in ${acces.cabinets} practices`);
    const { consultations, actes } = await verifyConsultations(medical, secrets, (found) =>
      report(
        found.what === 'acts'
          ? `Practice ${found.cabinet_id}, signatures: ${describe(found.fault)}`
          : `Practice ${found.cabinet_id}: ${found.fault}`,
      ),
    );
    console.log(`Checked: ${consultations} consultations, ${actes} signatures, addenda and invalidations`);
    const { signes } = await verifyEcrits(medical, secrets, ({ cabinet_id, fault }) =>
      report(`Practice ${cabinet_id}, what was signed: ${fault}`),
    );
    console.log(`Checked: ${signes} ordonnances and certificates that were signed`);
  } finally {
    await medical.destroy();
  }
}

function describe(found: ChainFault | CheckpointFault | AccesFault): string {
  switch (found.fault) {
    case 'row changed':
      return `Row changed: id ${found.id} (chain ${found.chaine}, rank ${found.rang})`;
    case 'link broken':
      return `Row replaced before id ${found.id} (chain ${found.chaine}, rank ${found.rang})`;
    case 'rows removed': {
      const ranks = found.last === found.rang ? `rank ${found.rang}` : `ranks ${found.rang} to ${found.last}`;
      return `Row removed: chain ${found.chaine}, ${ranks}`;
    }
    case 'head moved':
      return `Head moved: chain ${found.chaine}`;
    case 'beginning forged':
      return `Beginning forged: chain ${found.chaine} does not go on where we let it`;
    case 'checkpoint contradicted':
      return `Checkpoint contradicted: ${found.object} (chain ${found.chaine}, rank ${found.rang})`;
    case 'checkpoint forged':
      return `Checkpoint forged or damaged: ${found.object}`;
  }
}

main().then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    console.error(explainStartupFault(error, 'The audit cannot be checked'));
    process.exitCode = 2;
  },
);
