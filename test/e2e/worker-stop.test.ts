import { pino } from 'pino';
import { type RunningWorker, startWorker } from '../../src/worker/worker';
import { makeEquipement, makeTechnicien } from '../support/factories';
import { bringTo } from '../support/life';
import { openPostOffice, type PostOffice } from '../support/post-office';
import { eventually, startTestSystem, type TestSystem } from '../support/system';
import { workflowsUnderTest } from '../support/workflow-bundle';

let office: PostOffice;
let system: TestSystem;
let next: RunningWorker | undefined;
beforeAll(async () => {
  office = await openPostOffice();
  system = await startTestSystem({ SMTP_URL: office.url });
});
afterAll(async () => {
  await next?.stop();
  await system?.close();
  await office?.close();
});

describe('a worker that is told to stop', () => {
  it('ends well while a mail server leaves it without an answer, and the next one sends that mail again', async () => {
    const admin = (await system.newPerson('admin')).client;
    const technicien = await makeTechnicien(system.db);
    const mail = office.hold(technicien.user.email);
    const equipement = await makeEquipement(system.db);
    await bringTo('planifiee', {
      client: admin,
      equipementId: equipement.id,
      technicienId: technicien.id,
      date: new Date(Date.now() + 86_400_000),
    });
    await mail.arrived;
    const [messageId] = office.received as [string];

    await expect(system.worker.stop()).resolves.toBeUndefined();
    expect(office.accepted).toEqual([]);

    next = await startWorker(system.config, pino({ level: system.config.logLevel }), workflowsUnderTest());
    await eventually(
      async () => office.accepted,
      (accepted) => accepted.includes(messageId),
    );
  });
});
