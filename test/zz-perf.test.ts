import { startTestApi } from './support/api';
import { makeSite, makeTechnicien, makeUser } from './support/factories';

it('perf', async () => {
  const api = await startTestApi();
  const db = api.db;
  const sites = [await makeSite(db), await makeSite(db), await makeSite(db), await makeSite(db)];
  const user = await makeUser(db);
  const techs = [];
  for (let n = 0; n < 20; n++) techs.push(await makeTechnicien(db));
  await db.query(`SET statement_timeout = 0`);
  const q = async (text: string) => { const c = (db.driver as any).master; const k = await c.connect(); try { await k.query('SET statement_timeout=0'); k.connectionParameters.query_timeout = 0; return await k.query({ text, query_timeout: 600000 }); } finally { k.release(true); } };
  await q(`INSERT INTO equipements (nom, type, numero_serie, site_id, frequence_entretien, derniere_maintenance) SELECT 'E'||n, 'T', 'S'||n, (ARRAY[${sites.map((s) => s.id)}])[1 + n % 4], 30, now() - make_interval(days => n % 60) FROM generate_series(1, 5000) n`);
  await q(`INSERT INTO interventions (titre, description, type_intervention, statut, priorite, date_limite, equipement_id, technicien_id, createur_id, arme_le, workflow_demarre, date_creation, date_fin, rapport, satisfaction_note)
   SELECT 'Titre '||n, repeat('description ', 10), 'corrective', CASE WHEN n % 100 = 0 THEN 'en_cours' WHEN n % 100 = 1 THEN 'ouverte' ELSE 'terminee' END, (ARRAY['basse','normale','haute','critique'])[1 + n % 4], now() - make_interval(mins => n * 2 - 3000), 1 + n % 5000, ${techs[0]!.id} + n % 20, ${user.id}, now(), true, now() - make_interval(mins => n * 2 + 500), CASE WHEN n % 100 > 1 THEN now() - make_interval(mins => n * 2) END, 'r', 1 + n % 5
   FROM generate_series(1, 1000000) n`);
  await q(`VACUUM ANALYZE`);
  const people = {
    admin: (await api.newPerson('admin')).client,
    'responsable of a site': (await api.newPerson('responsable', { sites: [sites[0]!.id] })).client,
    technicien: await api.as(techs[0]!.user),
  };
  for (const [name, client] of Object.entries(people)) {
    const times = [];
    let body;
    for (let n = 0; n < 12; n++) { const t = performance.now(); body = (await client.get('/dashboard/stats')).body; times.push(Math.round(performance.now() - t)); }
    console.log(name, times.join(' '), JSON.stringify(body));
  }
  for (const path of ['/planning', '/documents', '/notifications', '/health/metrics']) { const t = performance.now(); const r = await people.admin.get(path); console.log(path, r.status, Math.round(performance.now() - t)); }
  for (const mine of ['TRUE', `e.site_id = ANY('{${sites[0]!.id}}')`, `i.technicien_id = ${techs[0]!.id}`]) {
    const from = 'interventions i LEFT JOIN equipements e ON e.id = i.equipement_id';
    for (const s of [`SELECT count(*) FROM ${from} WHERE ${mine}`, `SELECT count(*) FILTER (WHERE i.statut = 'ouverte') FROM ${from} WHERE i.statut NOT IN ('terminee', 'annulee') AND ${mine}`, `SELECT avg(extract(epoch FROM i.date_fin - i.date_creation)), avg(CASE WHEN i.date_fin <= i.date_limite THEN 100 ELSE 0 END), avg(i.satisfaction_note) FROM ${from} WHERE i.statut = 'terminee' AND i.date_fin >= now() - interval '90 days' AND ${mine}`]) {
      const r = await q('EXPLAIN (ANALYZE, BUFFERS) ' + s);
      console.log(s + '\n' + r.rows.map((x: any) => x['QUERY PLAN']).join('\n'));
    }
  }
  await api.close();
}, 600000);
