import { Pool } from 'pg';
import { BARE_TABLE } from './protocol';

// As many connections as our worker has.
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 15 });

const write = {
  name: 'write',
  text: `UPDATE ${BARE_TABLE} SET moves = moves + 1 WHERE id = $1`,
};

/**
 * The least an activity can do that keeps something: one transaction that changes one row.
 * @returns the next deadline.
 */
export async function move(row: number): Promise<number> {
  const connection = await pool.connect();
  try {
    await connection.query('BEGIN');
    await connection.query({ ...write, values: [row] });
    await connection.query('COMMIT');
  } finally {
    connection.release();
  }
  return Date.now() + 3_600_000;
}
