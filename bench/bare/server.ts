import cluster from 'node:cluster';
import { createSecretKey, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import jwt from 'jsonwebtoken';
import Koa, { type Context } from 'koa';
import { Pool } from 'pg';
import { presentIntervention } from '../../src/api/interventions/present';
import {
  FINISHED_PAGE,
  FINISHED_TOTAL,
  INSERT,
  ONE,
  PARTICIPANT,
  PERSON,
  RECORD,
  RECORD_RENDEZ_VOUS,
  RENDEZ_VOUS,
  SEANCE,
  TECHNICIEN_PAGE,
} from './statements';

/**
 * The floor of requests: the least that Koa and pg can do for the answers of our API, in as many processes. It checks the
 * token, asks who it is, and has a statement or two for each answer, in the same shape. No permissions, no validation, no logs, no metrics.
 */

const CONNECTIONS = 10;
/** As long as our lists remember a count that went past their limit, in milliseconds. */
const TOTAL_LIFETIME = 30_000;
const DAY = 86_400_000;

const { DATABASE_URL, JWT_SECRET, PORT, WEB_CONCURRENCY } = process.env;
const pool = new Pool({ connectionString: DATABASE_URL, max: CONNECTIONS });
const key = createSecretKey(Buffer.from(JWT_SECRET!));

/** @returns the id of whoever sends the request. */
async function identify(ctx: Context): Promise<number> {
  const claims = jwt.verify(ctx.get('Authorization').slice('Bearer '.length), key, {
    algorithms: ['HS256'],
    issuer: 'regie',
    audience: 'regie-api',
  }) as { sid: string };
  const { rows } = await pool.query({ ...PERSON, values: [claims.sid] });
  return rows.length === 1 ? rows[0].id : ctx.throw(401);
}

async function readOne(ctx: Context, id: string): Promise<void> {
  const { rows } = await pool.query({ ...ONE, values: [id] });
  if (rows.length === 0) ctx.throw(404);
  ctx.body = presentIntervention(rows[0]);
}

let total = { count: 0, until: 0 };

async function readPage(ctx: Context): Promise<void> {
  const { technicien_id } = ctx.query;
  const page = await (technicien_id === undefined
    ? pool.query(FINISHED_PAGE)
    : pool.query({ ...TECHNICIEN_PAGE, values: [technicien_id] }));
  if (technicien_id === undefined && total.until < Date.now()) {
    const { rows } = await pool.query(FINISHED_TOTAL);
    total = { count: rows[0].total, until: Date.now() + TOTAL_LIFETIME };
  }
  const count = technicien_id === undefined ? total.count : (page.rows[0]?.total ?? 0);
  ctx.set('X-Total-Count', String(Math.min(count, 10_000)));
  ctx.body = page.rows.map(presentIntervention);
}

async function create(ctx: Context, person: number): Promise<void> {
  const { titre, description, type_intervention, priorite, equipement_id } = JSON.parse(await text(ctx.req));
  const now = new Date();
  const deadline = new Date(now.getTime() + 3 * DAY);
  // As long as the deadlines of ours are.
  const deadlines = JSON.stringify(
    [1, 2, 3].map((niveau) => ({
      cle: `affectation:${niveau}:0`,
      etape: 'affectation',
      niveau,
      date: Number(deadline),
    })),
  );
  const connection = await pool.connect();
  try {
    await connection.query('BEGIN');
    const { rows } = await connection.query({
      ...INSERT,
      values: [
        titre,
        description,
        type_intervention,
        priorite,
        equipement_id,
        person,
        now,
        deadline,
        deadlines,
      ],
    });
    const after = { titre, description, type_intervention, priorite, equipement_id, date_limite: deadline };
    await connection.query({
      ...RECORD,
      values: [rows[0].id, person, now, JSON.stringify(after), randomUUID(), ctx.ip],
    });
    await connection.query('COMMIT');
    ctx.status = 201;
    ctx.body = presentIntervention(rows[0]);
  } finally {
    connection.release();
  }
}

async function book(ctx: Context, person: number): Promise<void> {
  const { prestation, debut, participants } = JSON.parse(await text(ctx.req));
  const [one] = participants;
  const connection = await pool.connect();
  try {
    await connection.query('BEGIN');
    const seance = await connection.query({ ...SEANCE, values: [prestation, debut] });
    const uid = randomUUID();
    const { rows } = await connection.query({ ...RENDEZ_VOUS, values: [seance.rows[0].id, uid] });
    const [row] = rows;
    await connection.query({ ...PARTICIPANT, values: [row.id, one.nom, one.email] });
    const { statut, sequence, intervenants } = row;
    const after = JSON.stringify({ statut, debut: row.debut, fin: row.fin, intervenants, sequence });
    await connection.query({
      ...RECORD_RENDEZ_VOUS,
      values: [row.id, person, new Date(), after, randomUUID(), ctx.ip],
    });
    await connection.query('COMMIT');
    ctx.status = 201;
    ctx.body = { ...row, participants };
  } catch (error) {
    await connection.query('ROLLBACK');
    throw error;
  } finally {
    connection.release();
  }
}

async function text(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const PREFIX = '/api/v1/interventions';
const BOOKINGS = '/api/v1/rendez-vous';

if (cluster.isPrimary) {
  for (let started = 0; started < Number(WEB_CONCURRENCY); started++) cluster.fork();
} else {
  const app = new Koa();
  app.use(async (ctx) => {
    const person = await identify(ctx);
    if (ctx.path === BOOKINGS) await book(ctx, person);
    else if (ctx.method === 'POST') await create(ctx, person);
    else if (ctx.path === PREFIX) await readPage(ctx);
    else await readOne(ctx, ctx.path.slice(PREFIX.length + 1));
  });
  app.listen(Number(PORT));
}
