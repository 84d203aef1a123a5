import { request } from 'node:http';
import { pino } from 'pino';
import { startServer } from '../../src/api/server';
import { testConfig } from '../support/api';
import type { Client } from '../support/client';
import { weekdayAhead } from '../support/days';
import {
  makeEquipement,
  makeIntervention,
  makePlanning,
  makeSite,
  makeTechnicien,
} from '../support/factories';
import { startTestSystem, type TestSystem } from '../support/system';

/** What shows a little of something else: what stands in the way, what one once had, how the house is built. */

let system: TestSystem;
let admin: Client;
beforeAll(async () => {
  system = await startTestSystem();
  admin = (await system.newPerson('admin')).client;
});
afterAll(() => system.close());

/** A Monday a week ahead, and the days after. */
const [MONDAY, TUESDAY, WEDNESDAY] = [1, 2, 3].map((weekday) =>
  weekdayAhead(weekday, 6 + weekday),
) as string[];
const SECRET = 'Zanzibar';

describe('a conflict', () => {
  it('with a visit of another site says that the time is taken, and not by what', async () => {
    const [here, there] = [await makeSite(system.db), await makeSite(system.db)];
    const responsable = await system.newPerson('responsable', { sites: [here.id] });
    const technicien = await makeTechnicien(system.db);
    const date_planifiee = new Date(`${MONDAY}T09:00:00Z`);
    const visits = { technicien_id: technicien.id, duree_estimee: 60 };
    const interventionOn = async (site_id: number) =>
      (
        await makeIntervention(system.db, {
          equipement_id: (await makeEquipement(system.db, { site_id })).id,
        })
      ).id;
    const own = await makePlanning(system.db, {
      ...visits,
      date_planifiee: new Date(`${MONDAY}T10:00:00Z`),
      intervention_id: await interventionOn(here.id),
    });
    await makePlanning(system.db, {
      ...visits,
      date_planifiee,
      intervention_id: await interventionOn(there.id),
    });

    const wanted = await interventionOn(here.id);
    const { status, body } = await responsable.client.put(`/interventions/${wanted}/assign`, {
      technicien_id: technicien.id,
      date_planifiee: date_planifiee.toISOString(),
      duree_estimee: 120,
    });
    expect([status, body.code]).toEqual([409, 'CONFLIT_PLANNING']);
    expect(body.conflits).toEqual([
      {
        technicien_id: technicien.id,
        debut: `${MONDAY}T09:00:00.000Z`,
        fin: `${MONDAY}T10:00:00.000Z`,
        planning_id: null,
        intervention_id: null,
        date_planifiee: `${MONDAY}T09:00:00.000Z`,
        duree_estimee: 60,
      },
      {
        technicien_id: technicien.id,
        debut: `${MONDAY}T10:00:00.000Z`,
        fin: `${MONDAY}T11:00:00.000Z`,
        planning_id: own.id,
        intervention_id: own.intervention_id,
        date_planifiee: `${MONDAY}T10:00:00.000Z`,
        duree_estimee: 60,
      },
    ]);
  });
});

describe('work that one has given back', () => {
  it('stays in one’s calendar as a time, and not as what it says by now', async () => {
    const { user, client } = await system.newPerson('technicien');
    const [{ id }] = await system.db.query('SELECT id FROM techniciens WHERE user_id = $1', [user.id]);
    const intervention = await makeIntervention(system.db, { titre: SECRET });
    await makePlanning(system.db, {
      technicien_id: id,
      intervention_id: intervention.id,
      statut: 'annulee',
      date_planifiee: new Date(`${TUESDAY}T09:00:00Z`),
    });
    await system.db.query(`UPDATE interventions SET technicien_id = $1, statut = 'planifiee' WHERE id = $2`, [
      (await makeTechnicien(system.db)).id,
      intervention.id,
    ]);
    for (const path of ['/planning?', `/planning/technicien/${id}?date_debut=${TUESDAY}&`]) {
      const { status, body } = await client.get(`${path}date_fin=${WEDNESDAY}`);
      expect([status, body.length, body[0].intervention]).toEqual([200, 1, null]);
      expect(JSON.stringify(body)).not.toContain(SECRET);
    }
    const seen = await admin.get(`/planning?technicien_id=${id}`);
    expect(seen.body[0].intervention.titre).toBe(SECRET);
  });
});

describe('a count', () => {
  it('of the interventions on an equipment is of those that the caller may list', async () => {
    const { user, client } = await system.newPerson('technicien');
    const [{ id }] = await system.db.query('SELECT id FROM techniciens WHERE user_id = $1', [user.id]);
    const equipement_id = (await makeEquipement(system.db)).id;
    const others = await makeTechnicien(system.db);
    await makeIntervention(system.db, { equipement_id });
    await makeIntervention(system.db, { equipement_id, technicien_id: id, statut: 'planifiee' });
    for (let n = 0; n < 3; n++) {
      await makeIntervention(system.db, { equipement_id, technicien_id: others.id, statut: 'planifiee' });
    }
    const counts = async (who: Client) => {
      const one = await who.get(`/equipements/${equipement_id}`);
      const listed = await who.get(`/equipements?limit=200&sort=-id`);
      const interventions = await who.get(`/interventions?equipement_id=${equipement_id}`);
      const row = listed.body.find((equipement: { id: number }) => equipement.id === equipement_id);
      return [one.body.interventions_count, row.interventions_count, interventions.body.length];
    };
    expect(await counts(client)).toEqual([2, 2, 2]);
    expect(await counts(admin)).toEqual([5, 5, 5]);
  });
});

describe('how the house is built', () => {
  it('is not told by the workflow of an intervention to those who do not operate it', async () => {
    const { user, client } = await system.newPerson('client');
    const equipement = await makeEquipement(system.db, { client_id: user.id });
    const { id } = await makeIntervention(system.db, { equipement_id: equipement.id });
    expect((await client.get(`/interventions/${id}/workflow`)).body.web_ui).toBeNull();
    expect((await admin.get(`/interventions/${id}/workflow`)).body.web_ui).toMatch(`intervention-${id}`);
  });

  it('is told by the pages of health to nobody from outside, while they still say that all is well', async () => {
    const server = await startServer(
      testConfig(system.database.url, {
        TRUSTED_PROXIES: 'loopback',
        TEMPORAL_NAMESPACE: system.config.temporal.namespace,
      }),
      pino({ level: 'silent' }),
    );
    const ask = async (path: string, from: string) => {
      const reply = await fetch(`http://127.0.0.1:${server.port}/api/v1${path}`, {
        headers: { 'X-Forwarded-For': from },
      });
      return [reply.status, await reply.text()] as const;
    };
    for (const stranger of ['203.0.113.9', '2001:db8::7']) {
      expect(await ask('/health/db', stranger)).toEqual([200, '{"status":"ok"}']);
      expect((await ask('/health/metrics', stranger))[0]).toBe(404);
      expect((await ask('/health', stranger))[0]).toBe(200);
      expect((await ask('/health/ready', stranger))[0]).toBe(200);
    }
    for (const inside of ['10.1.2.3', '192.168.4.5', 'fd00::1', '127.0.0.1']) {
      expect((await ask('/health/db', inside))[1]).toContain('"pool"');
      expect((await ask('/health/metrics', inside))[0]).toBe(200);
    }
    await server.close();
  });
});

describe('the mail catcher, which shows every link', () => {
  const url = new URL(process.env.TEST_MAIL_API!);

  it('answers its own page', async () => {
    expect((await fetch(`${url}/email`)).status).toBe(200);
    expect((await fetch(`${url}/email`, { headers: { Origin: url.origin } })).status).toBe(200);
  });

  it.each(['https://evil.example', 'null', 'http://localhost:3000'])(
    'answers no page of %s',
    async (origin) => {
      const reply = await fetch(`${url}/email`, { headers: { Origin: origin } });
      expect([reply.status, reply.headers.get('access-control-allow-origin')]).toEqual([403, null]);
      expect(await reply.text()).not.toMatch('[');
    },
  );

  it.each(['evil.example', 'evil.example:1080', 'localhost.evil.example'])(
    'answers to no other name for this machine: %j',
    async (host) => {
      const { status } = await rawGet(url, host);
      expect([400, 403]).toContain(status);
    },
  );
});

/** A request whose `Host` is anything at all, which `fetch` does not send. */
function rawGet({ hostname, port, pathname }: URL, host: string): Promise<{ status: number }> {
  return new Promise((resolve, reject) => {
    request({ hostname, port, path: `${pathname}/email`, headers: { Host: host } }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode! });
    })
      .on('error', reject)
      .end();
  });
}
