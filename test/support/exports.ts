import type { AppContext } from '../../src/api/context';
import { suivreExport } from '../../src/services/cabinet/export-etablissement';
import type { Client } from './client';

/** Copies of records where no worker runs. */

type Tools = Pick<AppContext, 'medical' | 'store' | 'secrets'>;

/** Asks for a copy in the name of a doctor, and makes it as the worker would. @returns its id */
export async function makeExport(
  { medical, store, secrets }: Tools,
  doctor: Client,
  patientId: number,
): Promise<number> {
  const { status, body } = await doctor.post(`/patients/${patientId}/export`, {});
  if (status !== 202) throw new Error(`No copy: ${JSON.stringify(body)}`);
  const named = { cabinet_id: body.cabinet_id, id: body.id };
  await suivreExport({ medical, store, secrets }, named, { remis: false, now: new Date() });
  return body.id;
}

/** The same, taken. */
export async function exported(tools: Tools, doctor: Client, patientId: number): Promise<fhir4.Bundle> {
  const id = await makeExport(tools, doctor, patientId);
  const { status, body, bytes } = await doctor.get(`/exports/${id}/contenu`);
  if (status !== 200) throw new Error(`The copy was not handed over: ${JSON.stringify(body)}`);
  return JSON.parse(bytes.toString());
}
